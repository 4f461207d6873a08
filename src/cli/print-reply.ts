// Runs in `tsgunctl`: prints what the server has answered, and answers the exit code that follows from it.

import { Unreachable, type Reply } from '../control/client.ts'
import type { Command, Outcome, ProgressLine, Status, WorkersAnswer } from '../control/protocol.ts'
import { colored, plain, showStatus, showWorkers, type Palette } from '../control/show.ts'
import { controlExitCodes } from '../ipc/exit-codes.ts'

interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export interface PrinterOptions {
  readonly name: Command
  readonly json: boolean
  readonly out: Output
  readonly err: Output
  readonly environment: NodeJS.ProcessEnv
}

export interface Printer {
  /** Of an answer in one go. */
  answer(reply: Reply): Promise<number>
  /** Of an answer line by line. */
  progress(reply: Reply): Promise<number>
}

type Answer = { readonly error?: string; readonly attempt?: number } & Readonly<Record<string, unknown>>

export function printer({ name, json, out, err, environment }: PrinterOptions): Printer {
  const palette = out.isTTY === true && !environment['NO_COLOR'] ? colored : plain
  const fail = (reason: string): void => void err.write(`tsgunctl: ${reason}\n`)
  return {
    async answer({ status, lines }) {
      const text = await textOf(lines)
      const answer = parse<Answer>(text)
      if (answer === undefined) throw new Unreachable('the answer broke off: the server has just ended')
      if (json) out.write(`${text}\n`)
      if (status >= 300) fail(answer.error ?? `the server answers with ${status}`)
      else if (!json) out.write(`${sentences[name](answer, palette)}\n`)
      return codeOf(status)
    },
    async progress({ lines }) {
      let outcome: Outcome | undefined
      for await (const line of lines) {
        const told = parse<Outcome | ProgressLine>(line)
        if (told === undefined) break
        if ('done' in told) outcome = told
        if (json) out.write(`${line}\n`)
        else if ('msg' in told) out.write(`${paint(told, palette)}\n`)
      }
      const end = outcome ?? endOfConnection(name)
      if (!end.done) fail(`${name}: ${end.reason}`)
      return end.done ? controlExitCodes.done.code : controlExitCodes.failed.code
    },
  }
}

async function textOf(lines: AsyncIterable<string>): Promise<string> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all.join('\n')
}

/**
 * Undefined for what was cut off in the middle. What arrives whole is the server's own, by its table: hence
 * the cast.
 */
function parse<Value>(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value
  } catch {
    return undefined
  }
}

/** The server is gone: that is what a stop is for. */
function endOfConnection(name: Command): Outcome {
  if (name === 'stop') return { done: true }
  return { done: false, reason: 'the connection ended before the end of it was told; look at the error log' }
}

/** A 400 is a mistake in the command line: the values come from there. */
function codeOf(status: number): number {
  if (status < 300) return controlExitCodes.done.code
  return status === 400 ? controlExitCodes.usage.code : controlExitCodes.failed.code
}

function paint({ level, msg }: ProgressLine, { odd, bad }: Palette): string {
  const line = `[${level.toUpperCase()}] ${msg}`
  if (level === 'info') return line
  return level === 'warn' ? odd(line) : bad(line)
}

/**
 * What is said of each command that was done, or taken. The casts: the server's own answers, by its table.
 */
const sentences: Readonly<Record<Command, (answer: Answer, palette: Palette) => string>> = {
  status: (answer, palette) => showStatus(answer as unknown as Status, palette),
  workers: (answer, palette) => showWorkers((answer as unknown as WorkersAnswer).workers, palette),
  reload: ({ attempt }) => `reload number ${attempt ?? '?'} is ordered; tsgunctl status tells how it ends`,
  rotate: () => 'rotated',
  reopen: () => 'reopened',
  scale: () => 'the number of workers is ordered; tsgunctl workers shows them',
  upgrade: () => 'the upgrade is ordered; the error log tells how it ends',
  stop: () => 'the server is stopping',
}
