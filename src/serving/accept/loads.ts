// Runs in a worker: what each worker of the server has to do, in the rows that they share. A worker writes
// its own row and reads those of its siblings.

import { headRow, rowLength } from '../../os/system/shared-counters.ts'

/** How often a sibling may take no connection before it is taken to be stuck. */
const patience = 6

/** What a row has. Siblings write the third: the change since which the worker takes nothing. */
const [changeField, loadField, asleepField] = [0, 1, 2]

export class Loads {
  readonly #rows: Int32Array
  readonly #own: number
  /** By row: how often a sibling has taken no connection that was left to it, since which change. */
  readonly #idle = new Map<number, { readonly change: number; readonly times: number }>()
  #changes = 0

  constructor(rows: Int32Array, own: number) {
    this.#rows = rows
    this.#own = own
  }

  /** This worker accepts, and has this load. Each call is another change: it shows that it is not stuck. */
  publish(load: number): void {
    this.#changes = (this.#changes % 0x7fff_ffff) + 1
    this.#write(this.#own, changeField, this.#changes)
    this.#write(this.#own, loadField, load)
  }

  /** This worker does not accept. */
  withdraw(): void {
    this.#write(this.#own, changeField, 0)
  }

  /** The load of the sibling that accepts and has least to do; Infinity when none accepts. */
  least(): number {
    return this.#leastOf(() => true)
  }

  /** The same, without those that take no connections that are left to them. */
  leastAwake(): number {
    return this.#leastOf((row, change) => this.#read(row, asleepField) !== change)
  }

  /** Connections were left to the siblings with less to do than `load`, and these have taken none. */
  noteIdle(load: number): void {
    for (let row = headRow + 1; row < this.#end; row += 1) {
      const change = this.#read(row, changeField)
      if (change === 0 || row === this.#own || this.#read(row, loadField) >= load) continue
      const before = this.#idle.get(row)
      const times = before?.change === change ? before.times + 1 : 1
      this.#idle.set(row, { change, times })
      if (times >= patience) this.#write(row, asleepField, change)
    }
  }

  #leastOf(counts: (row: number, change: number) => boolean): number {
    let least = Infinity
    for (let row = headRow + 1; row < this.#end; row += 1) {
      const change = this.#read(row, changeField)
      if (change !== 0 && row !== this.#own && counts(row, change))
        least = Math.min(least, this.#read(row, loadField))
    }
    return least
  }

  get #end(): number {
    return this.#read(headRow, 0)
  }

  #read(row: number, field: number): number {
    return this.#rows[row * rowLength + field] ?? 0
  }

  #write(row: number, field: number, value: number): void {
    this.#rows[row * rowLength + field] = value
  }
}
