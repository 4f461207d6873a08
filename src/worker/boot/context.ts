// Runs in a worker: what its boot works with, and what it needs of the process.

import { ownVersion } from '../../ipc/home.ts'
import { AppListening, type Listening } from '../../app/listening/app-listening.ts'
import type { BindAddress } from '../../app/listening/bind-address.ts'
import { ListenCalls } from '../../app/listening/listen-calls.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import { takeOnIdentity, type Identity } from '../../os/process/identity.ts'
import type { LoadedFiles } from '../development/loaded-files.ts'
import type { ClientLimit } from '../../serving/accept/client-limit.ts'
import type { TaskContext } from '../../tasks/model/task-context.ts'
import type { Watch } from '../watchdog/watch.ts'
import type { Certificates } from './certificates.ts'
import type { ServingOutput } from './serving.ts'

/** What a boot needs of the process. */
export interface BootSystem {
  readonly pid: number
  readonly masterPid: number
  /** Of the tsgun that runs in this process. */
  readonly version: string
  /** Where a relative path of the app starts. */
  readonly directory: () => string
  readonly isRoot: () => boolean
  /** In a thread: resolves when the main thread has done it for all. */
  readonly takeOnIdentity: (identity: Identity) => Promise<void> | void
  /** Sets environment variables. */
  readonly setVariables: (variables: readonly (readonly [name: string, value: string])[]) => void
  /** From now on the app does not listen by itself. */
  readonly takeListen: (binds: readonly BindAddress[]) => Listening
}

export interface BootContext {
  readonly message: BootMessage
  readonly output: ServingOutput
  readonly loader: Pick<LoadedFiles, 'load' | 'loadMain'>
  readonly watch: Pick<Watch, 'enter' | 'board' | 'beginTask' | 'endTask' | 'endAt'>
  readonly system: BootSystem
  readonly certificates: Pick<Certificates, 'open'>
  /** Absent when the connections of a client are not limited. */
  readonly clientLimit: ClientLimit | undefined
  /** Of a service with `run`: its start() runs. */
  readonly reportRunning: () => void
  /** The app uses the bus for the first time. */
  readonly onBusUsed: () => void
  /** Of a service with `lock`: see the message `lease`. */
  readonly reportLease: (until: number | null) => void
  /** In a process of a task: for which call its code runs. */
  readonly taskContext?: TaskContext | undefined
}

export function bootSystem(
  process: NodeJS.Process,
  changeIdentity: BootSystem['takeOnIdentity'] = takeOnIdentity,
): BootSystem {
  return {
    pid: process.pid,
    masterPid: process.ppid,
    version: ownVersion(),
    directory: () => process.cwd(),
    isRoot: () => process.getuid?.() === 0,
    takeOnIdentity: changeIdentity,
    setVariables: (variables) => void Object.assign(process.env, Object.fromEntries(variables)),
    takeListen: (binds) => new AppListening(new ListenCalls(binds)),
  }
}
