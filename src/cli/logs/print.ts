// Runs in `tsgunctl`: prints the records that the server sends, first the latest, then those to come, also
// those of a new master after an upgrade.

import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { send, Unreachable, type ControlRequest, type ControlResponse } from '../../control/client.ts'
import type { LogStreamLine, RecordsLine } from '../../control/protocol.ts'
import { parse, textOf } from '../../control/response-text.ts'
import { controlExitCodes } from '../../ipc/exit-codes.ts'
import { isAtLeast, recordsIn } from './records.ts'
import type { LogPrinter, ShownRecord } from './printer.ts'
import type { WantedRecords } from './wanted.ts'

export interface LogOutput {
  /** Of the first request, with status 200. */
  readonly response: ControlResponse
  readonly wanted: WantedRecords
  readonly printer: LogPrinter
}

/** Milliseconds that the socket of a new master may take to get its name, and between two looks. */
const [longestRename, renamePause] = [5000, 50]

/**
 * Resolves with the exit code when the server has exited. Rejects with Unreachable if the response is cut
 * off.
 */
export async function printLogs(
  path: string,
  request: ControlRequest,
  { response, wanted, printer }: LogOutput,
): Promise<number> {
  await printResponse(response, wanted, printer)
  if (!wanted.follow) return controlExitCodes.done.code
  for (;;) {
    const next = await successor(path, request)
    if (next === undefined) {
      printer.note('the server has exited')
      return controlExitCodes.done.code
    }
    if (next.status !== 200) {
      printer.note(`the new master refuses the request: ${await errorIn(next)}`)
      return controlExitCodes.failed.code
    }
    await printResponse(next, { ...wanted, latest: Infinity }, printer) // all that it has logged
  }
}

/** For example of a service that its config does not have. */
async function errorIn({ status, lines }: ControlResponse): Promise<string> {
  return parse<{ readonly error?: string }>(await textOf(lines))?.error ?? `status ${status}`
}

/** Prints until the server ends the response. Rejects with Unreachable when the latest are not complete. */
async function printResponse(
  { lines }: ControlResponse,
  wanted: WantedRecords,
  printer: LogPrinter,
): Promise<void> {
  const shown = new Shown(wanted, printer)
  for await (const text of lines) {
    const line = parse<LogStreamLine>(text)
    if (line === undefined) break
    if ('missed' in line) printer.missed(line.missed)
    else if ('records' in line) shown.add(line)
    else shown.endOfLatest()
  }
  if (!shown.isComplete) throw new Unreachable('the response was cut off: the server has just exited')
}

/** Prints the records that are wanted: of the latest the last ones, then each as it comes. */
class Shown {
  readonly #wanted: WantedRecords
  readonly #printer: LogPrinter
  /** Undefined when all have come. */
  #latest: ShownRecord[] | undefined = []

  constructor(wanted: WantedRecords, printer: LogPrinter) {
    this.#wanted = wanted
    this.#printer = printer
  }

  /** Whether all of the latest have come. */
  get isComplete(): boolean {
    return this.#latest === undefined
  }

  add(line: RecordsLine): void {
    const records = shownIn(line).filter((record) => isWanted(record, this.#wanted))
    if (this.#latest === undefined) this.#print(records)
    else this.#latest.push(...records)
  }

  endOfLatest(): void {
    const { latest } = this.#wanted
    this.#print(latest === 0 ? [] : (this.#latest?.slice(-latest) ?? []))
    this.#latest = undefined
  }

  #print(records: readonly ShownRecord[]): void {
    for (const record of records) this.#printer.record(record, this.#wanted.areNamed)
  }
}

function shownIn({ log, service, worker, records }: RecordsLine): ShownRecord[] {
  const texts = log === 'access' ? records.split('\n').filter((line) => line !== '') : recordsIn(records)
  return texts.map((text) => ({ log, service, worker, text: text.trimEnd() }))
}

function isWanted({ log, text }: ShownRecord, { level, pattern }: WantedRecords): boolean {
  if (level !== undefined && (log === 'access' || !isAtLeast(text, level))) return false
  return pattern === undefined || pattern.test(text)
}

/**
 * After an upgrade the socket of the new master has `.2` at its end until it takes the name of the old one.
 * Resolves with its response; with undefined when no server goes on.
 */
async function successor(path: string, request: ControlRequest): Promise<ControlResponse | undefined> {
  const giveUpAt = performance.now() + longestRename
  while (!existsSync(path) && existsSync(`${path}.2`) && performance.now() < giveUpAt)
    await delay(renamePause)
  try {
    return await send(path, request)
  } catch (error) {
    if (error instanceof Unreachable) return undefined
    throw error
  }
}
