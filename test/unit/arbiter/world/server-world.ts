// A whole arbiter without processes: the real loop, pools, reload, stop and upgrade over a fake system. A
// test plays the workers and the operator, and reads the events.

import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { Arbiter } from '../../../../src/arbiter/loop/arbiter.ts'
import type { ArbiterOptions } from '../../../../src/arbiter/loop/options.ts'
import { CommandQueue } from '../../../../src/arbiter/loop/queue.ts'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import type { Generation } from '../../../../src/arbiter/model/generation.ts'
import type { Order, OrderResult } from '../../../../src/arbiter/model/orders.ts'
import type { Notes } from '../../../../src/arbiter/model/tick-notes.ts'
import { mainService } from '../../../../src/config/sources/service-plans.ts'
import { History } from '../../../../src/arbiter/report/history.ts'
import type { SettingsInput } from '../../../../src/config/settings/table.ts'
import type { WorkerMessage } from '../../../../src/ipc/messages.ts'
import { FakeSystem, type FakeProcess } from './fake-system.ts'
import { generationOf, type GenerationFacts } from './generations.ts'

type EventType = ArbiterEvent['type']

export const load = {
  requests: 0,
  busy: 0,
  connections: 0,
  overdue: 0,
  rss: 10,
  heapUsed: 1,
  heapLimit: 100,
} as const

/** Changes of the options of the arbiter, for tests of one part. */
export type WorldOptions = GenerationFacts & { readonly options?: Partial<ArbiterOptions> }

export class ServerWorld {
  readonly system = new FakeSystem()
  readonly queue = new CommandQueue()
  readonly events: ArbiterEvent[] = []
  readonly history = new History()
  /** Called within each event. */
  #listener: (event: ArbiterEvent) => void = () => undefined
  readonly arbiter: Arbiter
  /** What the next loads of the config return. */
  readonly loads: (Generation | Error)[] = []
  readonly discarded: number[] = []
  readonly wanted: number[] = []
  /** What was done to the sockets. */
  readonly sockets: string[] = []
  areShared = false
  isReady = false
  /** The exit code; undefined while the arbiter runs. */
  exitCode: number | undefined
  renewals = 0
  /** When each schedule was last due. */
  notes: Notes = new Map()

  constructor({ options = {}, ...facts }: WorldOptions = {}) {
    this.arbiter = new Arbiter({ ...this.#options(facts), ...options })
    void this.arbiter.run().then((code) => {
      this.exitCode = code
    })
  }

  /** Starts a server whose workers are all ready. */
  static async serving(options: WorldOptions = {}): Promise<ServerWorld> {
    const world = new ServerWorld(options)
    await world.settle()
    await world.boot()
    assert.ok(world.isReady, 'the workers of the start are ready')
    return world
  }

  listen(listener: (event: ArbiterEvent) => void): void {
    this.#listener = listener
  }

  /** Lets the loop handle everything that is in the queue. */
  async settle(): Promise<void> {
    for (let round = 0; round < 8; round += 1) await turn()
  }

  /** Time passes in steps, as ticks have it; living ready workers beat if `beats`. */
  async pass(milliseconds: number, { beats = true }: { readonly beats?: boolean } = {}): Promise<void> {
    for (let left = milliseconds; left > 0;) {
      const step = Math.min(left, 250)
      left -= step
      this.system.clock.advance(step)
      await this.settle()
      if (beats) for (const process of this.ready()) process.says({ type: 'beat', ...load })
      await this.settle()
    }
  }

  /** Every process that has not said hello does, and becomes ready. */
  async boot(processes: readonly FakeProcess[] = this.#unready()): Promise<void> {
    for (const process of processes) {
      process.says({ type: 'hello' })
      process.says({ type: 'ready' })
    }
    await this.settle()
  }

  async says(process: FakeProcess, message: WorkerMessage): Promise<void> {
    process.says(message)
    await this.settle()
  }

  /** Workers that have the order to end do so. */
  async endOrdered(): Promise<void> {
    const ordered = this.system.living.filter(({ orders, isKilled }) => isKilled || orders.some(isEnd))
    for (const process of ordered) process.ends(process.isKilled ? { signal: 'SIGKILL' } : { code: 0 })
    await this.settle()
  }

  async dies(process: FakeProcess, end: Parameters<FakeProcess['ends']>[0]): Promise<void> {
    process.ends(end)
    await this.settle()
  }

  async order(order: Order): Promise<OrderResult> {
    let result: OrderResult | undefined
    this.queue.put({ type: 'order', order, onResult: (given) => (result = given) })
    await this.settle()
    assert.ok(result, `no result of ${order.type}`)
    return result
  }

  async signal(signal: Extract<ArbiterEvent, { type: 'signal' }>['signal']): Promise<void> {
    this.queue.put({ type: 'signal', signal })
    await this.settle()
  }

  /** A HUP whose load returns this. */
  async reload(next: Generation | Error): Promise<void> {
    this.loads.push(next)
    await this.signal('SIGHUP')
  }

  /** Lets a reload go on until nothing changes: new workers boot, retired ones end. */
  async finishReload(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      await this.boot()
      for (const process of this.system.living) if (process.orders.some(isEnd)) process.says({ type: 'shut' })
      await this.endOrdered()
    }
  }

  of<Type extends EventType>(type: Type): Extract<ArbiterEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<ArbiterEvent, { type: Type }> => event.type === type)
  }

  get types(): readonly EventType[] {
    return this.events.map(({ type }) => type)
  }

  /** The living process of a slot, the youngest first. */
  slot(nr: number): FakeProcess {
    return this.process(mainService, nr)
  }

  /** The living process of a service, the youngest first. */
  process(service: string, nr = 0): FakeProcess {
    const process = this.system.living.findLast(
      (each) => each.nr === nr && each.task === undefined && each.service === service,
    )
    assert.ok(process, `${service} ${nr} has no process`)
    return process
  }

  /** The living processes of all services but the app as `generation service nr`, oldest first. */
  get services(): readonly string[] {
    const workers = this.arbiter.snapshot().pools.flatMap((pool) => pool.workers)
    return this.system.living
      .filter(({ task, service }) => task === undefined && service !== mainService)
      .map(({ pid, service, nr }) => {
        const generation = workers.find((worker) => worker.pid === pid)?.generation ?? 0
        return `${generation} ${service} ${nr}`
      })
  }

  /** The living processes of tasks as `generation task nr`, oldest first. */
  get tasks(): readonly string[] {
    return this.taskProcesses.map(({ generation, task = '', nr }) => `${generation} ${task} ${nr}`)
  }

  get taskProcesses(): readonly FakeProcess[] {
    return this.system.living.filter(({ task }) => task !== undefined)
  }

  /** The living workers of the app as `generation nr`, oldest first. */
  get workers(): readonly string[] {
    const workers = this.system.living.filter(
      ({ task, service }) => task === undefined && service === mainService,
    )
    return workers.map(({ generation, nr }) => `${generation} ${nr}`)
  }

  ready(): readonly FakeProcess[] {
    return this.#inState('ready')
  }

  #unready(): readonly FakeProcess[] {
    return this.#inState('spawned', 'booting')
  }

  #inState(...states: readonly string[]): readonly FakeProcess[] {
    const workers = this.arbiter.snapshot().pools.flatMap((pool) => pool.workers)
    const pids = workers.filter(({ state }) => states.includes(state)).map(({ pid }) => pid)
    return this.system.living.filter(({ pid }) => pids.includes(pid))
  }

  #options(facts: GenerationFacts): ArbiterOptions {
    const view = { name: 'none', written: 0, waiting: 0, dropped: 0, rotations: 0 }
    return {
      system: this.system,
      queue: this.queue,
      emit: (event) => {
        this.events.push(event)
        this.history.apply(event, new Date(0))
        this.#listener(event)
      },
      version: '1.2.3',
      locks: { of: () => 30 },
      openTicks: () => ({ read: () => this.notes, write: (notes) => void (this.notes = notes) }),
      first: generationOf(1, facts),
      source: {
        next: () => {
          const load = this.loads.shift() ?? new Error('no load was expected')
          return load instanceof Error ? Promise.reject(load) : Promise.resolve(load)
        },
        discard: ({ number }) => void this.discarded.push(number),
        renew: () => void (this.renewals += 1),
      },
      logs: {
        tick: () => undefined,
        takeDropped: () => [],
        countLost: () => undefined,
        reopen: () => Promise.resolve(),
        rotate: () => Promise.resolve(),
        ownViews: () => ({}),
        views: () => ({ access: view, error: view, app: view }),
      },
      color: () => ({ error: false, app: true }),
      listeners: this.#listeners(),
      upgrade: { refusal: undefined, isSecond: false, begin: () => undefined, apply: () => undefined },
      history: this.history,
      onReady: () => void (this.isReady = true),
      onWanted: ({ number }) => void this.wanted.push(number),
    }
  }

  #listeners(): ArbiterOptions['listeners'] {
    const { sockets } = this
    const shared = (): boolean => this.areShared
    return {
      get areShared() {
        return shared()
      },
      hold: (listeners) => void sockets.push(...listeners.map(({ url }) => `hold ${url}`)),
      closeAll: () => void sockets.push('close all'),
      keepOnly: (listeners) => void sockets.push(`keep ${listeners.map(({ url }) => url).join()}`),
    }
  }
}

function isEnd(type: string): boolean {
  return type === 'retire' || type === 'quit' || type === 'abort'
}

/** The settings of most tests: two workers. */
export const two: SettingsInput = { workers: 2 }
