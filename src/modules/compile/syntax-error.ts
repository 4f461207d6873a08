// Arbiter and workers. Turns a failed run of esbuild into a readable error: file:line:column, message and the
// source line.
import { readFileSync } from 'node:fs'
import { isNativeError } from 'node:util/types'
import type { Location, Message } from 'esbuild'

const TOP_LEVEL_AWAIT = 'Top-level await is currently not supported with the "cjs" output format'

/** Returns the messages of an error of esbuild; undefined for any other error. */
export function esbuildMessages(error: unknown): readonly Message[] | undefined {
  if (!isNativeError(error) || !('errors' in error) || !Array.isArray(error.errors)) return undefined
  // Parse boundary: esbuild documents BuildFailure.errors as Message[].
  return error.errors as Message[]
}

/** Whether a file failed as CommonJS only because of a top-level await, which makes it an ES module. */
export function needsModuleFormat(messages: readonly Message[]): boolean {
  return messages.length > 0 && messages.every(({ text }) => text.startsWith(TOP_LEVEL_AWAIT))
}

/** Returns the error to throw for a TypeScript file that does not compile. */
export function readableSyntaxError(path: string, error: unknown): unknown {
  const messages = esbuildMessages(error)?.filter(({ text }) => !text.startsWith(TOP_LEVEL_AWAIT))
  if (messages === undefined || messages.length === 0) return error
  const readable = new SyntaxError(messages.map((message) => describe(path, message)).join('\n\n'))
  // The frames would be those of the compiler.
  readable.stack = `SyntaxError: ${readable.message}`
  return readable
}

function describe(path: string, { text, location }: Message): string {
  if (location === null) return `${path}: ${text}`
  const { line, column, lineText } = inText(location, path)
  const marker = ' '.repeat(column) + '^'
  return `${path}:${line}:${column + 1}: ${text}\n\n    ${lineText}\n    ${marker}`
}

type Place = Pick<Location, 'line' | 'column' | 'lineText'>

/** At an empty line, such as the end of a file, the end of the last line with text before it. */
export function inText(location: Place, path: string): Place {
  if (location.lineText.trim() !== '') return location
  const lines = linesOf(path).slice(0, location.line)
  const last = lines.findLastIndex((text) => text.trim() !== '')
  const lineText = lines[last]?.trimEnd()
  return lineText === undefined ? location : { line: last + 1, column: lineText.length, lineText }
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return [] // it was compiled a moment ago; the message does without
  }
}
