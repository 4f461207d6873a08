// Runs in the arbiter: notes when each schedule was last due, in an open file. A note is written before its
// run starts, so that no run happens twice. Both arbiters of an upgrade have the file; one writes at a time.

import { ftruncateSync, fstatSync, readSync, writeSync } from 'node:fs'
import { isObject, isRecord } from '../../os/type-checks.ts'

export interface Note {
  /** The expression for which it was due: with another one the note means nothing. */
  readonly cron: string
  /** Milliseconds of the epoch. */
  readonly last: number
}

export type Notes = ReadonlyMap<string, Note>

export interface TickStore {
  /** Returns no notes of an empty file. Throws when the file has something else. */
  read(): Notes
  write(notes: Notes): void
}

/** Of an open file, which only has notes. */
export function tickStore(fd: number): TickStore {
  return {
    read() {
      const data = Buffer.alloc(fstatSync(fd).size)
      readSync(fd, data, 0, data.length, 0)
      return data.length === 0 ? new Map() : parseNotes(data.toString())
    },
    write(notes) {
      const data = Buffer.from(`${JSON.stringify(Object.fromEntries(notes))}\n`)
      writeSync(fd, data, 0, data.length, 0)
      ftruncateSync(fd, data.length)
    },
  }
}

function parseNotes(text: string): Notes {
  const value: unknown = JSON.parse(text)
  if (!isRecord(value)) throw new TypeError('it is no JSON object')
  return new Map(Object.entries(value).flatMap(([name, note]) => (isNote(note) ? [[name, note]] : [])))
}

function isNote(value: unknown): value is Note {
  return isObject(value) && typeof value['cron'] === 'string' && Number.isFinite(value['last'])
}
