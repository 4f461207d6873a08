// Runs in `tsgunctl`: prints the response of the server and returns the exit code.

import { Unreachable, type ControlResponse } from '../control/client.ts'
import type {
  Outcome,
  ProgressLine,
  SchedulesResponse,
  Status,
  WorkersResponse,
} from '../control/protocol.ts'
import type { Command } from '../control/routes.ts'
import { parse, textOf } from '../control/response-text.ts'
import { paletteFor, showStatus, showWorkers, type Output, type Palette } from '../control/show.ts'
import { showSchedules } from '../control/show-schedules.ts'
import { controlExitCodes } from '../ipc/exit-codes.ts'

export interface PrinterOptions {
  readonly name: Command
  readonly json: boolean
  readonly out: Output
  readonly err: Output
  readonly environment: NodeJS.ProcessEnv
}

export interface Printer {
  /** Prints a response as a whole. Resolves with the exit code; rejects with Unreachable if it is cut off. */
  print(response: ControlResponse): Promise<number>
  /** Prints the lines of progress. Resolves with the exit code. */
  printProgress(response: ControlResponse): Promise<number>
}

type Body = { readonly error?: string; readonly attempt?: number } & Readonly<Record<string, unknown>>

export function printer({ name, json, out, err, environment }: PrinterOptions): Printer {
  const palette = paletteFor(out, environment)
  const fail = (reason: string): void => void err.write(`tsgunctl: ${reason}\n`)
  return {
    async print({ status, lines }) {
      const text = await textOf(lines)
      const body = parse<Body>(text)
      if (body === undefined) throw new Unreachable('the response was cut off: the server has just exited')
      if (json) out.write(`${text}\n`)
      if (status >= 300) fail(body.error ?? `the server responded with status ${status}`)
      else if (!json && name !== 'logs') out.write(`${texts[name](body, palette)}\n`)
      return exitCodeOf(status)
    },
    async printProgress({ lines }) {
      let outcome: Outcome | undefined
      for await (const line of lines) {
        const value = parse<Outcome | ProgressLine>(line)
        if (value === undefined) break
        if ('done' in value) outcome = value
        if (json) out.write(`${line}\n`)
        else if ('msg' in value) out.write(`${paint(value, palette)}\n`)
      }
      const end = outcome ?? endOfConnection(name)
      if (!end.done) fail(`${name}: ${end.reason}`)
      return end.done ? controlExitCodes.done.code : controlExitCodes.failed.code
    },
  }
}

/** The outcome when the connection ends without one: a stop is complete when the server has exited. */
function endOfConnection(name: Command): Outcome {
  if (name === 'stop') return { done: true }
  return { done: false, reason: 'the connection was closed before the result was known; see the error log' }
}

/** A 400 is an error in the command line: the values come from there. */
function exitCodeOf(status: number): number {
  if (status < 300) return controlExitCodes.done.code
  return status === 400 ? controlExitCodes.usage.code : controlExitCodes.failed.code
}

function paint({ level, msg }: ProgressLine, { warn, error }: Palette): string {
  const line = `[${level.toUpperCase()}] ${msg}`
  if (level === 'info') return line
  return level === 'warn' ? warn(line) : error(line)
}

/**
 * The text for each successful command; logs/print.ts prints records. The casts: the server wrote the body,
 * as in control/protocol.ts.
 */
const texts: Readonly<Record<Exclude<Command, 'logs'>, (body: Body, palette: Palette) => string>> = {
  status: (body, palette) => showStatus(body as unknown as Status, palette),
  workers: (body, palette) => showWorkers((body as unknown as WorkersResponse).workers, palette),
  reload: ({ attempt }) => `reload number ${attempt ?? '?'} accepted; see its result with: tsgunctl status`,
  rotate: () => 'rotated',
  reopen: () => 'reopened',
  scale: () => 'new number of workers accepted; see them with: tsgunctl workers',
  schedules: (body, palette) => showSchedules((body as unknown as SchedulesResponse).schedules, palette),
  run: () => 'the run begins; see it with: tsgunctl schedules',
  restart: () => 'restart accepted; see it with: tsgunctl workers',
  upgrade: () => 'upgrade accepted; see its result in the error log',
  stop: () => 'the server is stopping',
}
