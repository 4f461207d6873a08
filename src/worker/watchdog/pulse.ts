// Shared memory between the main thread of a worker and its watchdog thread: when the event loop last turned,
// the boot step, and until when a task may run. The main thread writes, the watchdog thread reads; no lock,
// because neither may wait for the other.

import { Buffer } from 'node:buffer'

/** `drain`: no process supervises this worker, but its event loop still sends beats. */
export const phases = ['boot', 'serve', 'drain'] as const
export type Phase = (typeof phases)[number]

/**
 * Numbers of 4 bytes: phase, debugged, length of the step; then the beat and the end of the task, 8 bytes
 * each, and the end of the process; then the text of the step.
 */
const beatIndex = 2
const taskIndex = 3
const endIndex = 4
const stepOffset = 40
const longestStep = 1000

/** Returns milliseconds on a clock that all threads share; `performance.now` has another start in each. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

export class Pulse {
  readonly memory: SharedArrayBuffer
  readonly #numbers: Int32Array
  readonly #beats: BigInt64Array
  readonly #step: Buffer

  constructor(memory = new SharedArrayBuffer(stepOffset + longestStep)) {
    this.memory = memory
    this.#numbers = new Int32Array(memory, 0, 4)
    this.#beats = new BigInt64Array(memory, 0, 5)
    this.#step = Buffer.from(memory, stepOffset)
  }

  beat(): void {
    Atomics.store(this.#beats, beatIndex, process.hrtime.bigint())
  }

  /** When the event loop last turned, by `sharedNow`. */
  get lastBeat(): number {
    return Number(Atomics.load(this.#beats, beatIndex)) / 1e6
  }

  /** When the task that runs has to end, by `sharedNow`; Infinity while none runs that has a limit. */
  get taskEndsAt(): number {
    return this.#moment(taskIndex)
  }

  set taskEndsAt(at: number) {
    this.#setMoment(taskIndex, at)
  }

  /** When the process has to have ended, by `sharedNow`, whatever it does; Infinity without such a moment. */
  get endsAt(): number {
    return this.#moment(endIndex)
  }

  set endsAt(at: number) {
    this.#setMoment(endIndex, at)
  }

  get phase(): Phase {
    return phases[Atomics.load(this.#numbers, 0)] ?? 'drain'
  }

  set phase(phase: Phase) {
    Atomics.store(this.#numbers, 0, phases.indexOf(phase))
  }

  /** A debugger may be attached. */
  get debugged(): boolean {
    return Atomics.load(this.#numbers, 1) === 1
  }

  set debugged(on: boolean) {
    Atomics.store(this.#numbers, 1, on ? 1 : 0)
  }

  /** The step of a worker that boots, as the rest of a sentence. */
  get step(): string {
    return this.#step.toString('utf8', 0, Atomics.load(this.#numbers, 2))
  }

  set step(text: string) {
    Atomics.store(this.#numbers, 2, this.#step.write(text))
  }

  #moment(index: number): number {
    const at = Atomics.load(this.#beats, index)
    return at === 0n ? Infinity : Number(at) / 1e6
  }

  #setMoment(index: number, at: number): void {
    Atomics.store(this.#beats, index, at === Infinity ? 0n : BigInt(Math.round(at * 1e6)))
  }
}
