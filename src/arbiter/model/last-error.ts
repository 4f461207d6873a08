// Runs in the arbiter: why a worker failed, in one line, for the records and views of a crash loop. Pure.

import type { ProcessEnd } from './commands.ts'
import { howEnded } from './verdict.ts'
import type { WorkerRecord } from './worker-record.ts'

const longest = 200
/**
 * `TypeError: x is not a function`, `FATAL ERROR: Reached heap limit`: the line of an error's text that says
 * what it is.
 */
const errorLine = /^\s*(?:Uncaught )?(?:\w*(?:Error|Exception)\b|FATAL ERROR)/

/**
 * What the worker said that it could not do; else the error on its standard error; else its last words; else
 * how it ended.
 */
export function lastErrorOf(worker: WorkerRecord, end: ProcessEnd): string {
  const lines = (end.lastLines ?? []).filter((line) => line.trim() !== '')
  return firstLine(worker.bootError ?? errorIn(lines) ?? lines.at(-1) ?? howEnded(worker, end))
}

/** The last error that a worker's standard error shows. */
export function errorIn(lines: readonly string[] = []): string | undefined {
  const line = lines.findLast((each) => errorLine.test(each))
  return line === undefined ? undefined : firstLine(line)
}

function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? ''
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
