// Arbiter and workers. Turns a failed run of esbuild into a readable error: file:line:column, message and the
// source line.
import { isNativeError } from 'node:util/types'
import type { Message } from 'esbuild'

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
  const marker = ' '.repeat(location.column) + '^'
  return `${path}:${location.line}:${location.column + 1}: ${text}\n\n    ${location.lineText}\n    ${marker}`
}
