// Runs in `tsgunctl`: how `tsgunctl logs` shows a record: as it is in the log, behind the name of the log if
// there may be several, or as a line of JSON.

import type { RecordsLine } from '../../control/protocol.ts'
import { mainService } from '../../logging/records/record.ts'
import { paletteFor, type Output } from '../../control/show.ts'
import { levelOf } from './records.ts'

export interface ShownRecord extends Pick<RecordsLine, 'log' | 'service' | 'worker'> {
  /** Without the newline at its end. */
  readonly text: string
}

export interface LogPrinter {
  record(record: ShownRecord, isNamed: boolean): void
  missed(lines: number): void
  note(text: string): void
}

export interface LogPrinterOptions {
  readonly json: boolean
  readonly out: Output
  readonly err: Output
  readonly environment: NodeJS.ProcessEnv
}

/** Characters of the longest name of a log. */
const longestLog = 6

export function logPrinter({ json, out, err, environment }: LogPrinterOptions): LogPrinter {
  const { warn, error } = paletteFor(out, environment)
  const painted = (text: string): string => {
    const level = levelOf(text)
    if (level === 'warn') return warn(text)
    return level === 'error' || level === 'fatal' ? error(text) : text
  }
  // lines begin in the same column, which moves when the first record of a longer name comes
  let width = longestLog
  const named = (record: ShownRecord): string => {
    const name = nameOf(record)
    width = Math.max(width, name.length)
    return name.padEnd(width)
  }
  const note = (text: string): void => void err.write(`tsgunctl: ${text}\n`)
  return {
    record(record, isNamed) {
      if (json) return void out.write(`${JSON.stringify(record)}\n`)
      const text = painted(record.text)
      out.write(isNamed ? `${named(record)} | ${text}\n` : `${text}\n`)
    },
    missed(lines) {
      if (json) out.write(`${JSON.stringify({ missed: lines })}\n`)
      else note(`${lines} lines are not shown: they came faster than they could be printed`)
    },
    note,
  }
}

/** As in the status: `feed/app` for a service. */
function nameOf({ log, service }: ShownRecord): string {
  return service === null || service === mainService ? log : `${service}/${log}`
}
