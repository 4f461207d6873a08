// Runs in the arbiter: which worker writes which row of the counters that the workers share. The row of a
// worker that has exited is set to zero here, because a worker that was killed could not do it.

import { headRow, rowCount, setRow } from '../../../os/system/shared-counters.ts'

export class CounterRows {
  readonly fd: number
  readonly #taken = new Set<number>([headRow])

  /** `fd`: that of `openCounters`, which each worker inherits. */
  constructor(fd: number) {
    this.fd = fd
  }

  /** Returns the lowest free row; undefined when there is none. */
  take(): number | undefined {
    let row = headRow + 1
    while (this.#taken.has(row)) row += 1
    if (row >= rowCount) return undefined
    this.#taken.add(row)
    this.#writeEnd()
    return row
  }

  free(row: number): void {
    setRow(this.fd, row, 0)
    this.#taken.delete(row)
    this.#writeEnd()
  }

  #writeEnd(): void {
    setRow(this.fd, headRow, Math.max(...this.#taken) + 1)
  }
}
