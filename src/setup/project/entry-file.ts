// Finds the file that a word means: `node dist/main`, `node .`, "main" of package.json. Pure.

import { posix } from 'node:path'
import type { Project } from './project.ts'

/** In the order of Node.js; TypeScript after it. */
const extensions = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.tsx', '.jsx']

/** Directories that a build writes. */
const outputDirectory = /^(?:dist|build|out|output|lib|\.output|\.next|\.nest|public\/build)\//

export interface EntryFile {
  /** From the project's directory, without `./`. */
  readonly path: string
  /** False for the output of a build that has not been run. */
  readonly exists: boolean
}

/** Undefined when there is no such file, unless a build writes it. */
export function findEntry(project: Project, word: string): EntryFile | undefined {
  const path = posix.normalize(word).replace(/\/$/, '')
  if (posix.isAbsolute(path) || path.startsWith('..')) return undefined
  const found = existing(project, path)
  if (found !== undefined) return { path: found, exists: true }
  if (!outputDirectory.test(`${path}/`)) return undefined
  const name = /\.[cm]?js$/.test(path) ? path : path.includes('/') ? `${path}.js` : `${path}/index.js`
  return { path: name, exists: false }
}

function existing(project: Project, path: string): string | undefined {
  const file = extensions.map((extension) => `${path}${extension}`).find((name) => project.isFile(name))
  if (file !== undefined || !project.isDirectory(path)) return file
  const main = path === '.' ? project.package?.main : undefined
  const names = main === undefined ? ['index'] : [main, posix.join(main, 'index'), 'index']
  return names
    .flatMap((name) => extensions.map((extension) => posix.join(path, `${name}${extension}`)))
    .find((name) => project.isFile(name))
}

/** The source of a build's output: `src/main.ts` for `dist/main.js`. Undefined when it is not found. */
export function sourceOf(project: Project, { path }: EntryFile): string | undefined {
  if (!outputDirectory.test(path)) return undefined
  const inside = path.replace(/^[^/]*\//, '').replace(/\.([cm]?)js$/, '.$1ts')
  return [`src/${inside}`, inside].find((name) => project.isFile(name))
}
