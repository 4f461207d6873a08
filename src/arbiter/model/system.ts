// The seam between the deciding classes of the arbiter and the operating system. Composition passes the real
// one in (server/system.ts); unit tests drive the same classes with a fake one. Types only.

import type { Settings } from '../../config/settings/table.ts'
import type { ServicePlan } from '../../config/sources/service-plans.ts'
import type { ArbiterMessage, BootMessage, WorkerMessage } from '../../ipc/messages.ts'
import type { Identity } from '../../os/process/identity.ts'
import type { Clock } from '../../os/system/clock.ts'
import type { ProcessEnd } from './death/process-end.ts'

/** What a worker process is started with. */
export interface WorkerStart {
  readonly boot: Omit<BootMessage, 'listeners' | 'rows' | 'type'>
  /** The file at which the process starts. */
  readonly entry: string
  /** Its working directory. */
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
  /** Flags of Node.js. */
  readonly nodeFlags: readonly string[]
  readonly listeners: BootMessage['listeners']
  /** Descriptors that it inherits before the sockets. */
  readonly files?: readonly number[] | undefined
}

export interface WorkerHandlers {
  readonly onMessage: (message: WorkerMessage) => void
  readonly onUnknownMessage: () => void
  /** It runs, but without something that it should have. `reason`: a sentence. */
  readonly onTrouble?: (reason: string) => void
  /** The process lives on without its channel. */
  readonly onChannelClosed: () => void
  /** Bytes on its log pipe that are not log lines. */
  readonly onGarbage: (bytes: number) => void
  /** The process has exited and its output was read, or it could not be started. Called once. */
  readonly onEnd: (end: ProcessEnd) => void
}

/** The process of a worker. */
export interface WorkerProcess {
  /** Null when it could not be started; `onEnd` reports why. */
  readonly pid: number | null
  /** Resolves when nothing more can come from its pipes; another process may hold them open for ever. */
  readonly outputEnded: Promise<unknown>
  send(message: ArbiterMessage): void
  /** Sends SIGKILL. */
  kill(): void
}

/** What a foreign program is started with. */
export interface CommandStart {
  /** Of the service. */
  readonly name: string
  readonly nr: number
  /** The program, then its arguments. */
  readonly words: readonly string[]
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
  readonly identity: Pick<Identity, 'uid' | 'gid'>
  readonly ready: ServicePlan['ready']
  readonly stopSignal: ServicePlan['stopSignal']
  readonly settings: Pick<Settings, 'capture_output' | 'daemon' | 'log_format'>
  /** Whether the app log is shown in colour. */
  readonly color: boolean
}

export type StartCommand = (start: CommandStart, handlers: WorkerHandlers) => WorkerProcess

export type StartWorker = (start: WorkerStart, handlers: WorkerHandlers) => WorkerProcess

export interface System {
  readonly clock: Clock
  /** Milliseconds of the epoch, as Date.now. */
  readonly wall: () => number
  /** From 0 to 1, as Math.random. */
  readonly random: () => number
  readonly startWorker: StartWorker
  readonly startCommand: StartCommand
  /** Bytes that this process and its workers may use together. */
  readonly memoryLimit: () => number
  /** The terminal from which the server was started is closed. */
  readonly hasTerminalClosed: () => boolean
  /** Whether the kernel has counted an OOM kill in this cgroup since it was last asked. */
  readonly hasOomKill: () => boolean
}
