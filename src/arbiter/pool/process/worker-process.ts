// Runs in the arbiter: the real process of a worker with its pipes. Its log lines and output go to the logs;
// messages and the end go to the handlers. The deciding classes know it as WorkerProcess of model/system.ts.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { workerDescriptors } from '../../../ipc/environment.ts'
import { openWorkerMessage, seal, type ArbiterMessage } from '../../../ipc/messages.ts'
import { OutputCapture } from '../../../logging/capture/output.ts'
import { Tail } from '../../../logging/capture/tail.ts'
import type { Logs } from '../../../logging/files/logs.ts'
import { FrameReader } from '../../../logging/pipe/frame.ts'
import { spawnProcess, type SpawnedProcess } from '../../../os/process/spawn.ts'
import { lowLimit } from '../../../os/limits/low-limits.ts'
import { within } from '../../../os/system/within.ts'
import { crashWords } from '../../model/death/exit-words.ts'
import type { ProcessEnd } from '../../model/death/process-end.ts'
import type { StartWorker, WorkerHandlers, WorkerProcess, WorkerStart } from '../../model/system.ts'
import { consume, outputOf, outputPatience } from './consume.ts'
import type { CounterRows } from './counter-rows.ts'
import { ReportReader } from './report-reader.ts'

/** Starts worker processes whose output goes to these logs. */
export function workerStarter(
  logs: Pick<Logs, 'write'>,
  spawn = spawnProcess,
  rows: CounterRows | undefined = undefined,
): StartWorker {
  return (start, handlers) => new ChildWorker(start, handlers, { logs, spawn, rows })
}

interface Surroundings {
  readonly logs: Pick<Logs, 'write'>
  readonly spawn: typeof spawnProcess
  /** Absent when the workers share no counters. */
  readonly rows: CounterRows | undefined
}

class ChildWorker implements WorkerProcess {
  readonly outputEnded: Promise<unknown>
  readonly #process: SpawnedProcess
  readonly #tail = new Tail()
  readonly #rows: CounterRows | undefined
  readonly #taken: readonly number[]

  constructor(start: WorkerStart, handlers: WorkerHandlers, { logs, spawn, rows }: Surroundings) {
    const { boot, files = [], listeners, directory, environment, nodeFlags, entry } = start
    this.#rows = rows
    this.#taken = rows?.take(Math.max(1, boot.threads)) ?? []
    this.#process = spawn(
      {
        entry,
        directory,
        nodeFlags,
        environment,
        counters: rows?.fd,
        files,
        inherit: listeners.map(({ fd }) => fd),
        output: outputOf(boot.settings),
      },
      {
        onMessage(value) {
          const message = openWorkerMessage(value)
          if (message) handlers.onMessage(message)
          else handlers.onUnknownMessage()
        },
        onChannelClosed: () => handlers.onChannelClosed(),
        onEnd: (code, signal, error) =>
          void this.#end(handlers, error ? { code, signal, error } : { code, signal }),
      },
    )
    this.outputEnded = this.#collect(boot, handlers, logs)
    const firstSocket = workerDescriptors.firstInherited + files.length
    this.send({
      type: 'boot',
      ...boot,
      rows: this.#taken,
      listeners: listeners.map((listener, index) => ({ ...listener, fd: firstSocket + index })),
    })
  }

  get pid(): number | null {
    return this.#process.pid ?? null
  }

  send(message: ArbiterMessage): void {
    this.#process.send(seal(message))
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  async #end({ onEnd }: WorkerHandlers, end: ProcessEnd): Promise<void> {
    this.#rows?.free(this.#taken)
    const ended = this.outputEnded.then(() => true)
    const complete = await within(ended, outputPatience, { late: false })
    if (!complete) await nextTurn() // what is in the pipes already is read first
    const { signal } = end
    const low = signal !== null && signal in crashWords ? lowLimit() : undefined
    onEnd({
      ...end,
      ...(low === undefined ? {} : { lowLimit: low }),
      ...(this.#process.stderr === null ? {} : { lastLines: this.#tail.lines() }),
    })
  }

  #collect(
    { nr, task, service, settings, color, preload }: WorkerStart['boot'],
    { onGarbage, onMessage, onUnknownMessage }: WorkerHandlers,
    logs: Pick<Logs, 'write'>,
  ): Promise<unknown> {
    const { stdout, stderr, log, report, pid = 0 } = this.#process
    const owner = service?.name
    const source = { service: owner, task: task?.name, nr: preload ? undefined : nr }
    const reader = new FrameReader({
      onRecords: (channel, lines) => logs.write(channel, lines, source),
      onGarbage,
    })
    const capture = (stream: 'stdout' | 'stderr'): OutputCapture =>
      new OutputCapture({
        stream,
        pid,
        ...(preload ? { process: 'preload' } : { nr }),
        task: task?.name,
        service: owner,
        format: settings.log_format,
        color: color.app,
        write: (lines) => logs.write('app', lines, source),
      })
    return Promise.all([
      consume(log, reader),
      consume(report, new ReportReader({ onMessage, onUnknown: onUnknownMessage })),
      consume(stdout, capture('stdout')),
      consume(stderr, capture('stderr'), (chunk) => this.#tail.push(chunk)),
    ])
  }
}
