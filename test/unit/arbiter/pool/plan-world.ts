// A server without processes, for the property tests of `plan`: the real roster and limits, and workers that
// boot, serve, leak, stall and die as chance has it. After each event the plan is carried out until it has
// nothing more to say, and every rule is checked.

import assert from 'node:assert/strict'
import { dueReasons } from '../../../../src/arbiter/model/limits.ts'
import type { Action, Situation } from '../../../../src/arbiter/model/situation.ts'
import type { SlotHistory } from '../../../../src/arbiter/model/slot.ts'
import { judge } from '../../../../src/arbiter/model/death/verdict.ts'
import {
  isPlanned,
  newRecord,
  type ExitReason,
  type WorkerRecord,
} from '../../../../src/arbiter/model/worker-record.ts'
import { holdsSlot } from '../../../../src/arbiter/model/worker-state.ts'
import { isComplete } from '../../../../src/arbiter/pool/complete.ts'
import { dueAfter } from '../../../../src/arbiter/pool/limits.ts'
import { nextMoment, plan } from '../../../../src/arbiter/pool/plan.ts'
import { Roster } from '../../../../src/arbiter/pool/roster.ts'

export type Chance = () => number

/** mulberry32: the same numbers for the same seed. */
export function chanceOf(seed: number): Chance {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const bootLimit = 3000
const drainLimit = 4000
const abortLimit = 1000
const timeout = 1500
/** Rounds in which the plan may have something more to do although nothing has happened. */
const patience = 4

export class World {
  readonly roster = new Roster()
  /** The processes that exist, kept apart from the roster. */
  readonly processes = new Set<number>()
  readonly #slots = new Map<number, SlotHistory>()
  readonly #chance: Chance
  #reload: { readonly from: number; readonly target: number } | undefined
  #age = 0
  #generations = 1
  generation = 1
  target: number
  stopping = false
  now = 0

  constructor(chance: Chance) {
    this.#chance = chance
    this.target = 1 + this.pick(4)
    this.settle()
  }

  /** 0 to limit - 1. */
  pick(limit: number): number {
    return Math.floor(this.#chance() * limit)
  }

  any(...states: readonly WorkerRecord['state'][]): WorkerRecord | undefined {
    const workers = this.roster.inState(...states)
    return workers[this.pick(workers.length)]
  }

  get situation(): Situation {
    const { target, generation, stopping, now } = this
    return {
      workers: this.roster.all(),
      target,
      generation,
      slots: this.#slots,
      stopsFirst: false,
      stopping,
      now,
    }
  }

  get nextMoment(): number | undefined {
    return nextMoment(this.situation)
  }

  /** Carries the plan out, again and again, and completes a reload that is done. */
  settle(): void {
    for (let round = 0; ; round += 1) {
      const actions = plan(this.situation)
      this.#checkActions(actions)
      for (const action of actions) this.#perform(action)
      this.#checkState()
      if (actions.length === 0) break
      assert.ok(round < patience, `the plan never ends: ${JSON.stringify(actions)}`)
    }
    if (isComplete(this.roster.all(), this.generation, this.target)) this.#reload = undefined
  }

  advance(by: number): void {
    this.now += by
  }

  hello(age: number): void {
    this.roster.apply(age, 'hello', { deadline: this.roster.get(age)?.deadline ?? null })
  }

  ready(age: number): void {
    this.roster.apply(age, 'ready', { readyAt: this.now, lastBeat: this.now, accepting: true })
  }

  beat(worker: WorkerRecord, requests: number): void {
    const load = {
      ...worker.load,
      requests: worker.load.requests + requests,
      rss: worker.load.rss + this.pick(20),
    }
    this.roster.note(worker.age, { lastBeat: this.now, load, due: dueAfter(worker, load, this.now) })
  }

  /** The process has exited, for a reason of its own or by an order. */
  exit(age: number): void {
    this.processes.delete(age)
    const worker = this.roster.apply(age, 'exit')
    if (worker === undefined || isPlanned(worker)) return
    const failures = (this.#slots.get(worker.nr)?.failures ?? 0) + 1
    this.#slots.set(worker.nr, { failures, notBefore: this.now + (failures % 4) * 500 })
    if (judge(worker, { code: 1, signal: null }, this.now).broken !== null) this.#revert(worker)
  }

  reload(): void {
    if (this.#reload !== undefined || this.stopping) return
    this.#reload = { from: this.generation, target: this.target }
    this.generation = this.#generations += 1
    this.#slots.clear()
    if (this.pick(3) === 0) this.scale(1 + this.pick(4))
  }

  scale(target: number): void {
    if (!this.stopping) this.target = target
  }

  stop(): void {
    this.stopping = true
    for (const { age } of this.roster.all()) this.#retire(age, 'stop')
  }

  #revert({ generation }: WorkerRecord): void {
    if (this.#reload === undefined || generation !== this.generation || this.stopping) return
    this.generation = this.#reload.from
    this.target = this.#reload.target
    this.#reload = undefined
    this.#slots.clear()
  }

  #perform(action: Action): void {
    if (action.type === 'spawn') this.#spawn(action.nr)
    if (action.type === 'retire') this.#retire(action.age, action.reason)
    if (action.type === 'abort')
      this.roster.apply(action.age, 'stalled', { reason: 'timeout', deadline: this.now + abortLimit })
    if (action.type === 'kill') this.roster.apply(action.age, 'deadline', { killed: true })
  }

  #spawn(nr: number): void {
    const age = (this.#age += 1)
    const limits = { requests: 30 + this.pick(30), memory: 60 + this.pick(60), silence: timeout }
    this.roster.add(
      newRecord({ nr, age, generation: this.generation }, this.now, this.now + bootLimit, limits),
    )
    this.processes.add(age)
  }

  #retire(age: number, reason: ExitReason): void {
    this.roster.apply(age, 'retire', { reason, deadline: this.now + drainLimit })
  }

  /** No decision contradicts another one, or what is known. */
  #checkActions(actions: readonly Action[]): void {
    const ages = actions.flatMap((action) => (action.type === 'spawn' ? [] : [action.age]))
    assert.equal(new Set(ages).size, ages.length, `two orders for one worker: ${JSON.stringify(actions)}`)
    for (const action of actions) {
      if (action.type === 'spawn') this.#checkSpawn(action.nr)
      else this.#checkOrder(action, new Set(ages))
    }
  }

  #checkSpawn(nr: number): void {
    assert.ok(!this.stopping, 'no worker is started while the server stops')
    assert.ok(nr >= 0 && nr < this.target, `there is no slot ${nr}`)
    assert.ok((this.#slots.get(nr)?.notBefore ?? 0) <= this.now, `slot ${nr} has to wait`)
  }

  #checkOrder(action: Exclude<Action, { type: 'spawn' }>, ordered: ReadonlySet<number>): void {
    const worker = this.roster.get(action.age)
    assert.ok(worker, `there is no worker ${action.age}`)
    if (action.type === 'kill')
      assert.ok(worker.deadline !== null && worker.deadline <= this.now, 'its time is not up')
    if (action.type === 'abort')
      assert.ok(worker.state === 'ready' && this.now - worker.lastBeat >= timeout, 'it is not stuck')
    if (action.type !== 'retire') return
    assert.ok(holdsSlot(worker.state) && !this.stopping, 'it goes already')
    if (worker.state !== 'ready' || worker.nr >= this.target) return
    const stays = this.roster
      .inState('ready')
      .some(
        ({ nr, age, generation }) => nr === worker.nr && generation >= worker.generation && !ordered.has(age),
      )
    const isReverted = worker.generation !== this.generation && this.#hasCurrent(worker.nr, ordered)
    assert.ok(stays || isReverted, `slot ${worker.nr} is left without a worker that serves`)
  }

  #hasCurrent(slot: number, except: ReadonlySet<number>): boolean {
    return this.roster.inState('ready').some(({ nr, age, generation }) => {
      return nr === slot && generation === this.generation && !except.has(age)
    })
  }

  #checkState(): void {
    const workers = this.roster.all()
    assert.deepEqual(
      new Set(workers.map(({ age }) => age)),
      this.processes,
      'each process is known, and no other',
    )
    for (const { state, deadline } of workers)
      assert.ok(
        state === 'ready' || state === 'killed' || deadline !== null,
        `nothing ends one that is ${state}`,
      )
    const holders = workers.filter(({ nr, state }) => holdsSlot(state) && nr < this.target)
    const least = holders.length - new Set(holders.map(({ nr }) => nr)).size
    assert.ok(least <= 1 || this.stopping, `${least} workers more than slots: ${this.describe()}`)
    const recycled = workers.filter(({ reason }) => dueReasons.some((each) => each === reason))
    assert.ok(recycled.length <= 1, `two are recycled at a time: ${this.describe()}`)
  }

  describe(): string {
    const workers = this.roster
      .all()
      .map(({ age, nr, generation, state }) => `${age}: slot ${nr} gen ${generation} ${state}`)
    return `at ${this.now}, target ${this.target}, generation ${this.generation}: ${workers.join(', ')}`
  }
}
