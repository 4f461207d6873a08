// Runs in the arbiter: the setting `pidfile` through the life of a master. The new master of an upgrade has
// `.2` behind the name, until it is the only one.

import type { Report } from '../model/events.ts'
import { Pidfile } from './pidfile.ts'

export class MasterPidfile {
  readonly #name: string | null
  readonly #report: Report
  #pidfile: Pidfile | undefined

  constructor(name: string | null, report: Report) {
    this.#name = name
    this.#report = report
  }

  /** Throws a PidfileError. */
  create(suffix: string): void {
    if (this.#name !== null) this.#pidfile = Pidfile.create(`${this.#name}${suffix}`)
  }

  /** `from`: the old master, which may have left its file behind. */
  promote(from: number): void {
    if (this.#name === null) return
    const problem = this.#pidfile?.rename(this.#name, from)
    if (problem !== undefined)
      this.#report({ type: 'warning', message: `the pidfile keeps its name ${this.#name}.2: ${problem}` })
  }

  remove(): void {
    const pidfile = this.#pidfile
    this.#pidfile = undefined
    const found = pidfile?.remove()
    if (pidfile && found !== undefined) this.#report({ type: 'pidfile_lost', path: pidfile.path, found })
  }
}
