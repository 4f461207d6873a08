// Writes a draft as the text of a config file. The text is TypeScript and JavaScript at once, for
// server.config.ts and server.config.mjs. Pure.

import type { Draft, DraftPart, DraftSetting } from './draft.ts'

/** Comments are wrapped here. */
const width = 100

export function renderConfig({ head, parts }: Draft): string {
  const blocks = parts.map(renderPart)
  // A part with a comment has a blank line above it; plain settings stand together.
  const body = blocks.flatMap((lines, index) =>
    index > 0 && (lines.length > 1 || (blocks[index - 1]?.length ?? 0) > 1) ? ['', ...lines] : lines,
  )
  return [
    ...head.flatMap((line) => commentLines(line, '')),
    `import { defineConfig } from 'tsgun'`,
    '',
    'export default defineConfig({',
    ...body,
    '})',
    '',
  ].join('\n')
}

function renderPart(part: DraftPart): string[] {
  const comment = (part.comment ?? []).flatMap((line) => commentLines(line, '  '))
  return 'name' in part ? [...comment, ...settingLines(part)] : comment
}

function settingLines({ name, code, off }: DraftSetting): string[] {
  const prefix = off === true ? '  // ' : '  '
  const line = `${prefix}${name}: ${code},`
  if (line.length <= width || !code.startsWith('{ ')) return [line]
  return [`${prefix}${name}: {`, ...splitParts(code).map((each) => `${prefix}  ${each},`), `${prefix}},`]
}

/** The parts of an object literal of one level, as `literal` prints it. */
function splitParts(code: string): string[] {
  const inside = code.slice(2, -2)
  return (
    inside.match(/(?:'(?:\\.|[^'\\])*'|\{[^}]*\}|\[[^\]]*\]|[^,'{[])+/g)?.map((part) => part.trim()) ?? [
      inside,
    ]
  )
}

/** A line that is too long is wrapped at spaces. Code in a comment, which is indented, is left as it is. */
function commentLines(text: string, indent: string): string[] {
  if (text === '') return [`${indent}//`]
  const lines: string[] = []
  for (const line of text.split('\n')) {
    if (/^\s/.test(line)) {
      lines.push(line)
      continue
    }
    let current = ''
    for (const word of line.split(' ')) {
      if (current !== '' && indent.length + 4 + current.length + word.length > width) {
        lines.push(current)
        current = word
      } else current = current === '' ? word : `${current} ${word}`
    }
    lines.push(current)
  }
  return lines.map((line) => `${indent}// ${line}`.trimEnd())
}
