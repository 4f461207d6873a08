// What the sentences of the error log have in common. Pure.

import type { LogLevel } from '../../../logging/records/record.ts'
import type { ArbiterEvent } from '../../model/events.ts'
import type { WorkerRecord } from '../../model/worker-record.ts'

/** One record of the error log. Fields are snake_case, for machines; the sentence is for a person. */
export interface Sentence {
  readonly level: LogLevel
  readonly msg: string
  readonly fields?: Readonly<Record<string, unknown>>
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

export function nameOf({ nr, pid }: WorkerRecord): string {
  return `worker ${nr} (${pid === null ? 'no pid' : `pid ${pid}`})`
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}

export function duration(milliseconds: number): string {
  return Math.round(milliseconds) < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
