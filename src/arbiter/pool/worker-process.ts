// Runs in the arbiter: a worker's process with its pipes. Records and output go to the logs; messages and the
// end go into the queue.

import { fileURLToPath } from 'node:url'
import { environmentNames, supervisorNames, workerDescriptors } from '../../ipc/environment.ts'
import {
  openWorkerMessage,
  seal,
  type ArbiterMessage,
  type BootMessage,
  type WorkerMessage,
} from '../../ipc/messages.ts'
import { OutputCapture } from '../../logging/capture/output.ts'
import { FrameReader } from '../../logging/pipe/frame.ts'
import type { LogFiles } from '../../logging/files/log-files.ts'
import { Tail } from '../../logging/capture/tail.ts'
import { spawnProcess, type SpawnedProcess } from '../../os/process/spawn.ts'
import type { ProcessEnd } from '../model/commands.ts'
import { ReportReader } from './report-reader.ts'

export interface WorkerProcessOptions {
  readonly boot: Omit<BootMessage, 'listeners' | 'type'>
  /** Its working directory. */
  readonly directory: string
  readonly listeners: readonly { readonly fd: number; readonly url: string }[]
  readonly logs: LogFiles
  readonly onMessage: (message: WorkerMessage) => void
  readonly onUnknownMessage: () => void
  /** The process lives on without its channel. */
  readonly onChannelClosed?: () => void
  /** Bytes on its log pipe that are no log lines. */
  readonly onGarbage: (bytes: number) => void
  /** The process is gone, and its last words are read. */
  readonly onEnd: (end: ProcessEnd) => void
}

/**
 * Milliseconds that the end of a worker waits for the end of its pipes, which a process that it left behind
 * may hold open.
 */
const lastWordsPatience = 200

const entry = fileURLToPath(new URL('../../worker/main.js', import.meta.url))

export class WorkerProcess {
  readonly #process: SpawnedProcess
  readonly #outputEnded: Promise<unknown>
  readonly #tail = new Tail()

  constructor(options: WorkerProcessOptions) {
    const { boot, listeners, directory } = options
    this.#process = spawnProcess(
      {
        entry,
        directory,
        environment: workerEnvironment(boot),
        inherit: listeners.map(({ fd }) => fd),
        output: outputOf(boot.settings),
      },
      {
        onMessage(value) {
          const message = openWorkerMessage(value)
          if (message) options.onMessage(message)
          else options.onUnknownMessage()
        },
        onChannelClosed: () => options.onChannelClosed?.(),
        onEnd: (code, signal, error) =>
          void this.#end(options, error ? { code, signal, error } : { code, signal }),
      },
    )
    this.#outputEnded = this.#collect(options)
    this.send({
      type: 'boot',
      ...boot,
      listeners: listeners.map(({ url }, index) => ({ url, fd: workerDescriptors.firstListener + index })),
    })
  }

  get pid(): number | null {
    return this.#process.pid ?? null
  }

  /**
   * Fulfils when nothing more can come from its pipes; a process that it left behind may hold them open for
   * ever.
   */
  get outputEnded(): Promise<unknown> {
    return this.#outputEnded
  }

  send(message: ArbiterMessage): void {
    this.#process.send(seal(message))
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  async #end({ onEnd }: WorkerProcessOptions, end: ProcessEnd): Promise<void> {
    await orAtLatest(this.#outputEnded, lastWordsPatience)
    onEnd(this.#process.stderr === null ? end : { ...end, lastLines: this.#tail.lines() })
  }

  #collect({
    boot: { nr, settings, color },
    logs,
    onGarbage,
    onMessage,
    onUnknownMessage,
  }: WorkerProcessOptions): Promise<unknown> {
    const { stdout, stderr, log, report, pid = 0 } = this.#process
    const reader = new FrameReader({ onRecords: (channel, lines) => logs.write(channel, lines), onGarbage })
    const capture = (stream: 'stdout' | 'stderr'): OutputCapture =>
      new OutputCapture({
        stream,
        pid,
        worker: nr,
        format: settings.log_format,
        color: color.app,
        write: (lines) => logs.write('app', lines),
      })
    return Promise.all([
      consume(log, reader),
      consume(report, new ReportReader({ onMessage, onUnknown: onUnknownMessage })),
      consume(stdout, capture('stdout')),
      consume(stderr, capture('stderr'), (chunk) => this.#tail.push(chunk)),
    ])
  }
}

/**
 * Fulfils with the promise, or after so many milliseconds; then what is in the pipes already is read first.
 */
function orAtLatest(ended: Promise<unknown>, patience: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => setImmediate(resolve), patience)
    void ended.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

interface Consumer {
  push(chunk: Buffer): void
  end(): void
}

function consume(
  stream: NodeJS.ReadableStream | null,
  consumer: Consumer,
  see?: (chunk: Buffer) => void,
): Promise<void> {
  if (stream === null) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = (): void => {
      stream.removeAllListeners()
      stream.on('error', resolve) // a late error of a pipe that is at its end changes nothing
      consumer.end()
      resolve()
    }
    stream.on('data', (chunk: Buffer) => {
      see?.(chunk)
      consumer.push(chunk)
    })
    stream.once('end', finish)
    // ECONNRESET: the process died with unread input; what it had written was read before
    stream.once('error', finish)
  })
}

/**
 * A daemon has no output of its own, except for the command that waits for its start and will not read for
 * ever.
 */
function outputOf({ capture_output, daemon }: BootMessage['settings']): 'pipe' | 'inherit' | 'ignore' {
  if (capture_output) return 'pipe'
  return daemon ? 'ignore' : 'inherit'
}

function workerEnvironment({ nr, age, settings }: WorkerProcessOptions['boot']): NodeJS.ProcessEnv {
  const own = { [environmentNames.workerNr]: String(nr), [environmentNames.workerAge]: String(age) }
  const environment: NodeJS.ProcessEnv = { ...process.env, ...settings.env, ...own }
  // They are for this master: a tsgun that an app starts is another one.
  for (const name of [
    environmentNames.readyFd,
    environmentNames.daemonized,
    ...Object.values(supervisorNames),
  ])
    delete environment[name]
  return environment
}
