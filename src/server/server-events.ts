// The events of a server inside a program, as the program gets them: the records of the error log. Types and
// one pure function.

import type { eventTable, Subject } from '../arbiter/report/event-table.ts'
import type { Narrated } from '../arbiter/report/narration.ts'
import type { LogLevel } from '../logging/records/record.ts'

/** What has happened: the names of docs/reference/log-fields.md. Later versions may have more. */
export type ServerEventName = keyof typeof eventTable

/** The fields of each subject that an event may be about. */
interface SubjectFields {
  readonly start: { readonly duration_ms: number }
  readonly reload: { readonly duration_ms: number }
  readonly restart: { readonly duration_ms: number }
  readonly upgrade: { readonly duration_ms: number }
  readonly stop: { readonly duration_ms: number }
  readonly server: object
  readonly worker: {
    readonly duration_ms: number
    /** The slot of the worker. */
    readonly nr: number
    /** Null when its process was not started. */
    readonly worker_pid: number | null
    readonly age: number
    readonly generation: number
    /** The name of the task, if it is a process of one. */
    readonly task?: string
  }
}

type FieldsOf<Of extends Subject> = SubjectFields[Of]

/** One event, with the fields of its record in the error log in its JSON form. */
export type ServerEvent<Name extends ServerEventName = ServerEventName> = {
  readonly event: Name
  readonly level: LogLevel
  /** A sentence for a person. */
  readonly msg: string
  /** Other fields of the record. */
  readonly [field: string]: unknown
} & FieldsOf<(typeof eventTable)[Name]['of']>

/** What a listener gets, by name; `event` is every event. */
export type ServerEventMap = {
  [Name in ServerEventName | 'event']: Name extends ServerEventName ? ServerEvent<Name> : ServerEvent
}

export function serverEvent({ level, msg, fields, said, identity }: Narrated): ServerEvent {
  // Parse boundary: Identities gives each event the fields of its subject.
  return { ...fields, ...said, ...identity, level, msg } as ServerEvent
}
