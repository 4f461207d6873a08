// Runs in the arbiter: notes when each schedule was last due, in an open file. A note is written before its
// run starts, so that no run happens twice. Both arbiters of an upgrade have the file; one writes at a time.

import { ftruncateSync, fstatSync, readSync, writeSync } from 'node:fs'
import type { Note, Notes, TickStore } from '../model/tick-notes.ts'
import { isObject, isRecord } from '../../os/type-checks.ts'

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
