// Runs in the arbiter: the latest records of all logs, and those to come, for clients of the control socket.
// Only a server with a control socket has it. It keeps copies, because a buffer of a pipe is a small part of
// a large one.

import { logNames, type LogName } from '../log-names.ts'
import { mainService } from '../records/record.ts'

/** Bytes of the latest records of each log. */
const keptBytes = 256 * 1024

/** The process that has written records, or that a record of the arbiter is about. */
export interface RecordSource {
  /** Its service or schedule; absent for the app of a server without further services. */
  readonly service?: string | undefined
  /** Its task, in a process of a task pool. */
  readonly task?: string | undefined
  /** Its number in the service or the task pool; absent when it has none. */
  readonly nr?: number | undefined
}

/** Whole records that one process has written at once. */
export interface Batch {
  readonly log: LogName
  /** `web` for the app; undefined for records that are about no service. */
  readonly service: string | undefined
  readonly task: string | undefined
  readonly nr: number | undefined
  readonly records: Buffer | string
}

type Listener = (batch: Batch) => void

interface Kept {
  /** Their order over all logs. */
  readonly order: number
  readonly batch: Batch
}

/** The records of one log, up to a number of bytes; the latest in any case. */
class Latest {
  readonly all: Kept[] = []
  #bytes = 0

  add(added: Kept): void {
    this.all.push(added)
    this.#bytes += added.batch.records.length
    while (this.#bytes > keptBytes && this.all.length > 1)
      this.#bytes -= this.all.shift()?.batch.records.length ?? 0
  }
}

export class LogFeed {
  readonly #latest: Readonly<Record<LogName, Latest>> = {
    access: new Latest(),
    error: new Latest(),
    app: new Latest(),
  }
  readonly #listeners = new Set<Listener>()
  readonly #endings = new Set<() => void>()
  #count = 0

  /** Keeps a copy of the records, and passes them to those who follow. */
  push(log: LogName, records: Buffer | string, { service, task, nr }: RecordSource): void {
    const isOfApp = service === undefined && task === undefined && nr !== undefined
    const batch = {
      log,
      service: isOfApp ? mainService : service,
      task,
      nr,
      records: typeof records === 'string' ? records : Buffer.from(records),
    }
    this.#count += 1
    this.#latest[log].add({ order: this.#count, batch })
    for (const listener of this.#listeners) listener(batch)
  }

  /** The latest records, in the order in which they came. */
  recent(): Batch[] {
    return logNames
      .flatMap((log) => this.#latest[log].all)
      .sort((one, other) => one.order - other.order)
      .map(({ batch }) => batch)
  }

  get followers(): number {
    return this.#listeners.size
  }

  /** `onEnd`: the logs are closed. Returns a function that ends the subscription. */
  follow(listener: Listener, onEnd: () => void): () => void {
    this.#listeners.add(listener)
    this.#endings.add(onEnd)
    return () => {
      this.#listeners.delete(listener)
      this.#endings.delete(onEnd)
    }
  }

  /** The logs are closed. */
  close(): void {
    for (const onEnd of [...this.#endings]) onEnd()
  }
}
