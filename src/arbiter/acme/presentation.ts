// Runs in the arbiter, only with `acme`: the challenges of an order on their way to the workers. Any worker
// may get the connection of the authority, so all have to answer before it is called.

import type { Commands } from '../model/commands.ts'
import type { TlsOfGeneration } from '../model/generation.ts'
import type { AcmeChallenge } from '../../tls/material.ts'

/** Milliseconds. A worker that is stuck for longer accepts no connections either. */
const patience = 5000

interface Awaited {
  readonly nr: number
  /** Workers that have not answered. */
  readonly ages: Set<number>
  readonly done: () => void
}

export class Presentation {
  readonly #commands: Commands
  #count = 0
  #awaited: Awaited | undefined

  constructor(commands: Commands) {
    this.#commands = commands
  }

  /** Resolves when all workers answer these challenges, or have had enough time to. */
  present(tls: TlsOfGeneration, challenges: readonly AcmeChallenge[]): Promise<void> {
    const nr = (this.#count += 1)
    const message = tls.present(challenges, nr)
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patience).unref()
      const done = (): void => {
        clearTimeout(timer)
        resolve()
      }
      this.#commands.put({
        type: 'tell',
        message,
        onTold: (ages) => {
          this.#awaited = { nr, ages: new Set(ages), done }
          if (ages.length === 0) done()
        },
      })
    })
  }

  /** A worker answers the challenges of this number. */
  confirm(age: number, nr: number): void {
    const awaited = this.#awaited
    if (awaited?.nr !== nr) return
    awaited.ages.delete(age)
    if (awaited.ages.size === 0) awaited.done()
  }
}
