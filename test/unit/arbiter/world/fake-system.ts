// The operating system of the unit tests of the arbiter: workers that are no processes, and a clock that a
// test moves.

import assert from 'node:assert/strict'
import type { ArbiterMessage, WorkerMessage } from '../../../../src/ipc/messages.ts'
import type { ProcessEnd } from '../../../../src/arbiter/model/death/process-end.ts'
import type {
  CommandStart,
  System,
  WorkerHandlers,
  WorkerProcess,
  WorkerStart,
} from '../../../../src/arbiter/model/system.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

export class FakeProcess implements WorkerProcess {
  readonly pid: number | null
  /** Of a foreign program. */
  readonly command: CommandStart | undefined
  readonly handlers: WorkerHandlers
  /** What the arbiter has sent to it. */
  readonly sent: ArbiterMessage[] = []
  readonly outputEnded: Promise<unknown>
  readonly #start: WorkerStart | undefined
  #endOutput: () => void = () => undefined
  isKilled = false
  hasEnded = false

  constructor(pid: number | null, start: WorkerStart | CommandStart, handlers: WorkerHandlers) {
    this.pid = pid
    this.command = 'words' in start ? start : undefined
    this.#start = 'words' in start ? undefined : start
    this.handlers = handlers
    this.outputEnded = new Promise<void>((resolve) => {
      this.#endOutput = resolve
    })
  }

  /** Of a process that is no foreign program. */
  get start(): WorkerStart {
    assert.ok(this.#start, 'a foreign program has no boot message')
    return this.#start
  }

  get nr(): number {
    return this.command?.nr ?? this.start.boot.nr
  }

  /** The name of its task; undefined for a worker of the app. */
  get task(): string | undefined {
    return this.#start?.boot.task?.name
  }

  /** The name of its service; "web" for a worker of the app. */
  get service(): string {
    return this.command?.name ?? this.start.boot.service?.name ?? 'web'
  }

  get age(): number {
    return this.start.boot.age
  }

  get generation(): number {
    return this.start.boot.generation
  }

  send(message: ArbiterMessage): void {
    this.sent.push(message)
  }

  kill(): void {
    this.isKilled = true
  }

  /** The worker sends a message. */
  says(message: WorkerMessage): void {
    this.handlers.onMessage(message)
  }

  /** The process exits. */
  ends(end: Partial<ProcessEnd>): void {
    this.hasEnded = true
    this.#endOutput()
    this.handlers.onEnd({ code: null, signal: null, ...end })
  }

  /** The types of the messages that it got. */
  get orders(): readonly string[] {
    return this.sent.map(({ type }) => type)
  }
}

export class FakeSystem implements System {
  readonly clock = new FakeClock()
  readonly processes: FakeProcess[] = []
  /** How the next processes fail to start. */
  startError: Error | undefined
  oomKills = false
  random = (): number => 0
  /** Milliseconds of the epoch at the start; a jump of the clock of the machine changes it. */
  wallAtStart = Date.UTC(2026, 0, 1)
  readonly wall = (): number => this.wallAtStart + this.clock.now()

  readonly startWorker = (start: WorkerStart, handlers: WorkerHandlers): WorkerProcess =>
    this.#start(1000 + start.boot.age, start, handlers)

  readonly startCommand = (start: CommandStart, handlers: WorkerHandlers): WorkerProcess =>
    this.#start(5000 + this.processes.length, start, handlers)

  #start(pid: number, start: WorkerStart | CommandStart, handlers: WorkerHandlers): WorkerProcess {
    const error = this.startError
    const process = new FakeProcess(error ? null : pid, start, handlers)
    this.processes.push(process)
    if (error) process.ends({ error })
    return process
  }

  readonly memoryLimit = (): number => 1000

  terminalClosed = false
  readonly hasTerminalClosed = (): boolean => this.terminalClosed
  readonly hasOomKill = (): boolean => this.oomKills

  /** Those that live, oldest first. */
  get living(): readonly FakeProcess[] {
    return this.processes.filter(({ hasEnded, pid }) => !hasEnded && pid !== null)
  }
}
