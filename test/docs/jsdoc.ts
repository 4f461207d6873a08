// Declarations with their texts as JSDoc, for the generated types of src/config.

import { showText, type Text } from '../../src/config/schema/texts.ts'

/** A column more would be wrapped by the rules of the source. */
const width = 100

/** The text as a comment that editors show, with lines of readable length. */
export function jsdoc(text: Text): string {
  const shown = showText(text)
  if (shown.includes('*/')) throw new Error(`a text cannot contain "*/", which ends its comment: ${shown}`)
  const lines = shown.split('\n').flatMap((line) => wrap(line, line.startsWith('- ') ? '  ' : ''))
  // TypeScript reads an `@` at the beginning of a line as a tag.
  const tag = lines.find((line) => line.startsWith('@'))
  if (tag !== undefined) throw new Error(`a line of a comment cannot begin with "@": ${tag}`)
  return ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n')
}

/** Breaks a line between its words; all but the first piece are indented. */
function wrap(line: string, indent: string): string[] {
  const words = line.match(/(?:[^\s`]|`[^`]*`)+/g) ?? [''] // code is one word
  return words.reduce<string[]>((lines, word) => {
    const last = lines.at(-1)
    if (last === undefined) return [word]
    if (`${last} ${word}`.length > width) return [...lines, `${indent}${word}`]
    return [...lines.slice(0, -1), `${last} ${word}`]
  }, [])
}

export interface Member {
  readonly text: Text
  /** `readonly timeout?: number` */
  readonly declaration: string
}

export function interfaceOf(name: string, comment: string, members: readonly Member[]): string {
  const body = members.map(({ text, declaration }) => `${jsdoc(text)}\n${declaration}`).join('\n')
  return `/** ${comment} */\nexport interface ${name} {\n${body}\n}`
}
