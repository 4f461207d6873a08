// Runs in a worker, with the setting `reload`: where in the user's own code a boot has failed, with the lines
// around it, as far as the error or the file shows.

import { readFileSync } from 'node:fs'
import { whereBroken } from '../../config/problems/broken-source.ts'
import { whereThrown } from '../../config/problems/where-thrown.ts'
import type { ErrorReport } from '../../ipc/messages.ts'

/** Lines shown before and after the line of the error. */
const around = 2

export interface Failure extends ErrorReport {
  /** The file whose load failed, for a SyntaxError that does not say where it is. */
  readonly entry?: string | undefined
}

/** Returns the message with the place and its lines; a message of esbuild has them already. */
export function withFrame({ message, stack: given, entry }: Failure): ErrorReport {
  const stack = saysMore(given, message) ? given : ''
  if (/\/[^\n]*:\d+:\d+: [^\n]*\n\n {4}/.test(message)) return { message, stack }
  const place =
    placeIn(given) ?? (/SyntaxError/.test(given) && entry !== undefined ? whereBroken(entry) : undefined)
  const frame = place === undefined ? undefined : frameAt(place)
  return { message: frame === undefined ? message : `${message}\n\n${frame}`, stack }
}

/** An error without frames is shown in brackets, with its class. */
function saysMore(stack: string, message: string): boolean {
  return !message.includes(stack.replace(/^\[\w+(?: \[Error\])?: ([^]*)\]$/, '$1'))
}

/** Returns `file:line:column`, or what is known of it. */
function placeIn(stack: string): string | undefined {
  // what V8 puts above the stack of CommonJS
  const [, ofSyntaxError] = /^(?:file:\/\/)?(\/[^\n]*:\d+)\n/.exec(stack) ?? []
  return ofSyntaxError ?? whereThrown({ stack })
}

function frameAt(place: string): string | undefined {
  const [, file = '', number = '', column] = /^(\/.*?):(\d+)(?::(\d+))?(?::|$)/.exec(place) ?? []
  const lines = linesOf(file)
  const line = Number(number)
  if (lines === undefined || line < 1 || line > lines.length) return undefined
  const first = Math.max(1, line - around)
  const shown = lines.slice(first - 1, line + around).flatMap((text, index) => {
    const nr = first + index
    const row = `${nr === line ? '>' : ' '} ${String(nr).padStart(5)} | ${text}`
    return nr === line && column !== undefined ? [row, `        | ${' '.repeat(Number(column) - 1)}^`] : [row]
  })
  return `${place}\n${shown.join('\n')}`
}

function linesOf(file: string): readonly string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    // The frame is optional: the file may have been removed, or the name may not be one of a file.
    return undefined
  }
}
