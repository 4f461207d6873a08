// Runs in the arbiter: which worker writes which rows of the counters that the workers share. Those of a
// worker that has exited are set to zero here, because a worker that was killed could not do it.

import { headRow, rowCount, setRow } from '../../../os/system/shared-counters.ts'

export class CounterRows {
  readonly fd: number
  readonly #taken = new Set<number>([headRow])

  /** `fd`: that of `openCounters`, which each worker inherits. */
  constructor(fd: number) {
    this.fd = fd
  }

  /** Returns the lowest free rows; none when there are fewer. */
  take(count: number): readonly number[] {
    const rows: number[] = []
    for (let row = headRow + 1; rows.length < count && row < rowCount; row += 1)
      if (!this.#taken.has(row)) rows.push(row)
    if (rows.length < count) return []
    for (const row of rows) this.#taken.add(row)
    this.#writeEnd()
    return rows
  }

  free(rows: readonly number[]): void {
    if (rows.length === 0) return
    for (const row of rows) {
      setRow(this.fd, row, 0)
      this.#taken.delete(row)
    }
    this.#writeEnd()
  }

  #writeEnd(): void {
    setRow(this.fd, headRow, Math.max(...this.#taken) + 1)
  }
}
