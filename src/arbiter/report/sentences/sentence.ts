// What the sentences of the error log have in common. Pure.

import { mainService } from '../../../config/sources/service-plans.ts'
import type { LogLevel } from '../../../logging/records/record.ts'
import type { ArbiterEvent } from '../../model/events.ts'
import type { WorkerRecord } from '../../model/worker-record.ts'

type Fields = Readonly<Record<string, unknown>>

/** One record of the error log. Fields are snake_case, for machines; the sentence is for a person. */
export interface Sentence {
  readonly level: LogLevel
  readonly msg: string
  /** What the sentence does not say. */
  readonly fields?: Fields
  /** What the sentence says, or only a machine needs: only in the JSON form. */
  readonly said?: Fields
}

export type EventType = ArbiterEvent['type']
export type EventOf<Type extends EventType> = Extract<ArbiterEvent, { type: Type }>

/** Makes the sentence of an event of one type. */
export type Describe<Type extends EventType> = (event: EventOf<Type>) => Sentence

export function info(msg: string): Sentence {
  return { level: 'info', msg }
}

export function warn(msg: string): Sentence {
  return { level: 'warn', msg }
}

/** With the stack of an error, if it has one. */
export function failure(level: LogLevel, msg: string, error: { readonly stack: string }): Sentence {
  return error.stack === '' ? { level, msg } : { level, msg, fields: { err: error } }
}

/** `worker 0 (pid 7)`, `live 0 (pid 8)` of a service, `task process ocr 0 (pid 9)`. */
export function nameOf({ nr, task, service, pid }: WorkerRecord): string {
  const kind = service === null || service === mainService ? 'worker' : service
  const name = task === null ? `${kind} ${nr}` : `task process ${task} ${nr}`
  return `${name} (${pid === null ? 'no pid' : `pid ${pid}`})`
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}

/** The units of a duration, each with the milliseconds from which on it is used. */
const units = [
  { from: 172_800_000, unit: 86_400_000, name: 'days' },
  { from: 7_200_000, unit: 3_600_000, name: 'h' },
  { from: 120_000, unit: 60_000, name: 'min' },
  { from: 100, unit: 1000, name: 's' },
] as const

/** `40 ms`, `0.2 s`, `30 s`, `4.5 min`: the exact figure is in the JSON form. */
export function duration(milliseconds: number): string {
  const found = units.find(({ from }) => Math.round(milliseconds) >= from)
  if (found === undefined) return `${Math.round(milliseconds)} ms`
  return `${Number((milliseconds / found.unit).toFixed(1))} ${found.name}`
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
