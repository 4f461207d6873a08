// What the arbiter is made of. All of it can be replaced in a test. Types only.

import type { Listener } from '../../listen/listener.ts'
import type { LogView } from '../../config/hooks/views.ts'
import type { LogName } from '../../logging/log-names.ts'
import type { ArbiterCommand, Commands, UpgradeNote } from '../model/commands.ts'
import type { Emit } from '../model/events.ts'
import type { Generation, GenerationSource } from '../model/generation.ts'
import type { BusFigures, ServerHistory } from '../model/snapshot.ts'
import type { System, WorkerStart } from '../model/system.ts'
import type { PoolContext, SharedSockets } from '../pool/pool-parts.ts'
import type { FileWatcher } from '../reload/development-restart.ts'
import type { ManagedLogs } from './logs.ts'

export interface ArbiterLogs extends ManagedLogs {
  /** What has happened to each log. */
  views(): Readonly<Record<LogName, LogView>>
  /** Those that services and schedules have of their own. */
  ownViews(): Readonly<Record<string, LogView>>
}

/** The listening sockets of the server. */
export interface ArbiterSockets extends SharedSockets {
  closeAll(): void
  /** Closes the other sockets. */
  keepOnly(listeners: readonly Listener[]): void
}

/** The upgrade to a new arbiter. */
export interface UpgradeControl {
  /** Why none can begin now; undefined when one can. */
  readonly refusal: string | undefined
  /** This is the new arbiter, and the old one still runs. */
  readonly isSecond: boolean
  begin(generation: Generation, ready: Promise<void>): void
  apply(note: UpgradeNote): void
}

export interface ArbiterOptions {
  readonly system: System
  readonly queue: Commands & { take(): Promise<ArbiterCommand> }
  readonly emit: Emit
  readonly version: string
  /** When the start has begun, in monotonic milliseconds. Default: with the process. */
  readonly startedAt?: number
  readonly first: Generation
  readonly source: GenerationSource
  readonly logs: ArbiterLogs
  readonly color: PoolContext['color']
  readonly bus?: () => WorkerStart['boot']['bus']
  readonly listeners: ArbiterSockets
  readonly locks: PoolContext['locks']
  readonly openTicks: PoolContext['openTicks']
  readonly upgrade: UpgradeControl
  readonly history: ServerHistory
  /** With `reload`: watches the files that the workers load. */
  readonly files?: FileWatcher
  /** A worker answers the challenges of this number. */
  readonly onChallenged?: (age: number, nr: number) => void
  /** A process uses the bus for the first time. */
  readonly onBusWanted?: () => void
  /** What has gone over the bus; absent without a broker. */
  readonly busFigures?: () => BusFigures | undefined
  /** The workers of the start serve. */
  readonly onReady: () => void
  /** This generation is wanted: the logs and the file watcher follow its settings. */
  readonly onWanted: (generation: Generation) => void
}
