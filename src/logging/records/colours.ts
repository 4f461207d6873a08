// Colours in what an app prints (Nest, Hono's logger, morgan): a log file and its readers want none, a person
// at a terminal wants them, and nothing else that could control the terminal. Any process. Pure.

import { escapeControl } from '../access/escape.ts'

/** ECMA-48, "select graphic rendition": `\u001b[32m`. */
const colour = /(\u001b\[[\d;:]*m)/
const everyColour = new RegExp(colour, 'g')
const noColour = '\u001b[0m'

export function withoutColours(text: string): string {
  return text.includes('\u001b[') ? text.replace(everyColour, '') : text
}

/** Escapes control characters but colours, and ends these with the line. */
export function escapeBesidesColours(line: string): string {
  const parts = line.split(colour)
  if (parts.length === 1) return escapeControl(line)
  return parts.map((part, index) => (index % 2 === 1 ? part : escapeControl(part))).join('') + noColour
}
