// Runs in the arbiter: the workers of a pool, each with its record, its process and the generation that it
// runs. It decides nothing.

import type { Generation } from '../model/generation.ts'
import type { WorkerProcess } from '../model/system.ts'
import type { WorkerRecord } from '../model/worker-record.ts'
import { Roster } from './roster.ts'

export class Members {
  readonly roster = new Roster()
  readonly #processes = new Map<number, WorkerProcess>()
  readonly #generations = new Map<number, Generation>()
  readonly #outputs = new Set<Promise<unknown>>()

  add(record: WorkerRecord, generation: Generation): void {
    this.roster.add(record)
    this.#generations.set(record.age, generation)
  }

  /** Its process has been started, or could not be. */
  addProcess(age: number, process: WorkerProcess): void {
    this.#processes.set(age, process)
    this.#outputs.add(process.outputEnded)
    void process.outputEnded.then(() => this.#outputs.delete(process.outputEnded))
    this.roster.note(age, { pid: process.pid })
  }

  /** Undefined until pre_fork is done. */
  processOf(age: number): WorkerProcess | undefined {
    return this.#processes.get(age)
  }

  /** The generation that a worker runs. */
  generationOf(age: number): Generation | undefined {
    return this.#generations.get(age)
  }

  /** Its process has exited. Returns its last record. */
  remove(age: number): WorkerRecord | undefined {
    this.#processes.delete(age)
    this.#generations.delete(age)
    return this.roster.apply(age, 'exit')
  }

  /** Whether a worker of this generation may still have a process. */
  uses({ number }: Pick<Generation, 'number'>): boolean {
    return [...this.#generations.values()].some((generation) => generation.number === number)
  }

  /** Resolves when every pipe of every worker is at its end. */
  async outputEnded(): Promise<void> {
    await Promise.all(this.#outputs)
  }
}
