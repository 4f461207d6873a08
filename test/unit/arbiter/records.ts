// Records for the unit tests of the arbiter.

import { newRecord, type WorkerRecord } from '../../../src/arbiter/model/worker-record.ts'

/** A ready worker of generation 1 in slot 0, with what a test changes. */
export function worker(changes: Partial<WorkerRecord> = {}): WorkerRecord {
  const age = changes.age ?? (changes.nr ?? 0) + 1
  const record = newRecord({ nr: 0, age, generation: 1 }, 0, null)
  return { ...record, state: 'ready', pid: 100 + age, readyAt: 0, accepting: true, ...changes }
}
