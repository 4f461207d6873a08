// Runs in a process of a task pool: its host of tasks, in the shape in which the life of a worker knows what
// its process serves.

import { performance } from 'node:perf_hooks'
import { machineNow } from '../../os/system/clock.ts'
import type { Board } from '../../serving/connections/board.ts'
import type { Drain, RunningTask, Serving } from '../../serving/classes/worker-class.ts'
import type { RunningTask as HostTask, TaskHost } from '../../tasks/host/host.ts'
import { ServingWithoutHttp } from './serving-without-http.ts'
import { describeTask } from '../watchdog/requests.ts'

/** What the process needs of its host. */
export type Host = Pick<TaskHost, 'listen' | 'load' | 'running' | 'drain'>

/** Of a process that only checks its module. */
export const idle: Host = {
  listen: () => Promise.resolve(),
  load: () => ({ done: 0, busy: 0, held: 0 }),
  running: () => [],
  drain: () => Promise.resolve(0),
}

export class TaskServing extends ServingWithoutHttp implements Serving {
  readonly #name: string
  readonly #host: Host

  constructor(name: string, host: Host) {
    super()
    this.#name = name
    this.#host = host
  }

  listen(): Promise<void> {
    return this.#host.listen()
  }

  load(): ReturnType<Serving['load']> {
    const { done, busy } = this.#host.load()
    return { requests: done, busy, connections: busy, overdue: 0 }
  }

  tasks(): readonly RunningTask[] {
    return this.#host.running().map((running) => ({ ...running, name: this.#name }))
  }

  async drain({ within, onShut }: Drain): Promise<readonly string[]> {
    const cut = this.tasks().map(describeTask)
    const drained = this.#host.drain(within)
    onShut()
    return cut.slice(0, await drained)
  }
}

/** Shows the watchdog thread which tasks run, for a report while native code blocks the main thread. */
export class TaskBoard {
  readonly #name: string
  readonly #board: Board
  #places: readonly number[] = []

  constructor(name: string, board: Board) {
    this.#name = name
    this.#board = board
  }

  begin(tasks: readonly HostTask[]): void {
    this.#places = tasks.map(({ id, startedAt }) => {
      const place = this.#board.claim()
      const began = performance.now() - (machineNow() - startedAt)
      this.#board.post(place, { method: 'task', url: `${this.#name} request_id=${id}` }, began)
      return place
    })
    this.#board.busy = tasks.length
  }

  end(): void {
    for (const place of this.#places) this.#board.release(place)
    this.#places = []
    this.#board.busy = 0
  }
}
