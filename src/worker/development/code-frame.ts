// Runs in a worker, with the setting `reload`: where in the user's own code a boot has failed, with the lines
// around it, as far as the error or the file tells.

import { readFileSync } from 'node:fs'
import { whereBroken } from '../../config/problems/broken-source.ts'
import { whereThrown } from '../../config/problems/where-thrown.ts'
import type { ErrorReport } from '../../ipc/messages.ts'

/** Lines before and after the one that is meant. */
const around = 2

export interface Failure extends ErrorReport {
  /** The file whose load failed, for a SyntaxError that does not say where it is. */
  readonly entry?: string | undefined
}

/** The message, with the place and its lines if it has none. What esbuild says of TypeScript has them. */
export function withFrame({ message, stack: told, entry }: Failure): ErrorReport {
  const stack = saysMore(told, message) ? told : ''
  if (/\/[^\n]*:\d+:\d+: [^\n]*\n\n {4}/.test(message)) return { message, stack }
  const place =
    placeIn(told) ?? (/SyntaxError/.test(told) && entry !== undefined ? whereBroken(entry) : undefined)
  const frame = place === undefined ? undefined : frameAt(place)
  return { message: frame === undefined ? message : `${message}\n\n${frame}`, stack }
}

/** An error without frames is shown in brackets, with its class. */
function saysMore(stack: string, message: string): boolean {
  return !message.includes(stack.replace(/^\[\w+(?: \[Error\])?: ([^]*)\]$/, '$1'))
}

/** `file:line:column`, and what more is known of it. */
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
    // The frame is an extra: the file may be gone, or the place a name that is no file.
    return undefined
  }
}
