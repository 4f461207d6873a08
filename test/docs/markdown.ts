// Reads the project's own Markdown pages, for the tests that try what they say.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../helpers/tsgun.ts'

export interface MarkdownPage {
  /** From the repository. */
  readonly file: string
  readonly text: string
}

/** The pages at the top of the repository, in config-examples and, at any depth, in docs. */
export function markdownPages(): MarkdownPage[] {
  const docs = readdirSync(join(repository, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  )
  const files = [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'config-examples/README.md',
    'config-examples/systemd/README.md',
    ...docs.map((name) => `docs/${name}`),
  ]
  return files.map((file) => ({ file, text: readFileSync(join(repository, file), 'utf8') }))
}

export interface CodeBlock {
  /** `docs/start/config.md:12` */
  readonly place: string
  readonly language: string
  readonly code: string
}

export function codeBlocks({ file, text }: MarkdownPage): CodeBlock[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ 1: language = '', 2: code = '', index }) => ({
    language,
    code,
    place: `${file}:${text.slice(0, index).split('\n').length}`,
  }))
}

/** The relative links of a page, with what comes after `#`. */
export function links({ text }: MarkdownPage): { readonly path: string; readonly anchor: string }[] {
  const prose = text.replace(/^```.*?^```$/gms, '')
  return [...prose.matchAll(/\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)/g)].map(([, path = '', anchor = '']) => ({
    path,
    anchor,
  }))
}

/** The anchors of the headings of a page, as GitHub makes them. */
export function anchors({ text }: MarkdownPage): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
