// One load of the config with all that belongs to it. Workers of a generation run its settings, its hooks and
// its compiled code, whatever happens to the files later. Types only; reload/generation-loader.ts makes them.

import type { HookRunner } from '../../config/hooks/runner.ts'
import type { ServicePlan } from '../../config/sources/service-plans.ts'
import type { TaskPlan } from '../../config/sources/task-pools.ts'
import type { LoadedConfig } from '../../config/load.ts'
import type { ArbiterMessage, ErrorReport } from '../../ipc/messages.ts'
import type { Listener } from '../../listen/listener.ts'
import type { SlotSockets } from '../../listen/slot-sockets.ts'
import type { SharedManifest } from '../../sharing/manifest.ts'
import type { Priority } from '../../tasks/model/queues.ts'
import type { AcmePlaces, AcmeSettings } from '../../tls/acme-settings.ts'
import type { TlsFiles } from '../../tls/files.ts'
import type { LoadedTls } from '../../tls/load.ts'
import type { AcmeChallenge, BootTls } from '../../tls/material.ts'

/** What a config has changed in the environment while it was loaded; undefined for a removed variable. */
export type EnvironmentChanges = ReadonlyMap<string, string | undefined>

/** A certificate that the server orders and renews by itself. */
export interface ManagedCertificate {
  readonly settings: AcmeSettings
  readonly places: AcmePlaces
}

/** The certificates of a generation; arbiter/tls/ makes it. */
export interface TlsOfGeneration {
  /** Absent without `acme`. */
  readonly managed?: ManagedCertificate | undefined
  readonly files: TlsFiles
  /** What is served now. */
  readonly loaded: LoadedTls
  /** For a worker that starts now. */
  boot(): BootTls
  /** For a worker that runs. */
  message(): ArbiterMessage
  /**
   * Workers that start from now on answer these challenges. Returns the message for those that run, which
   * each confirms with its number.
   */
  present(challenges: readonly AcmeChallenge[], nr: number): ArbiterMessage
  /** Reads the files again, and changes nothing. Rejects with a TlsError. */
  reload(): Promise<LoadedTls>
  adopt(loaded: LoadedTls): void
  /** The keys of session tickets are replaced. */
  rotate(): void
}

/** The sockets whose backlogs are the queues of a task pool. */
export type TaskQueues = Readonly<Record<Priority, Listener>>

export interface GenerationTask {
  readonly plan: TaskPlan
  readonly queues: TaskQueues
}

/** A service with its sockets. */
export interface GenerationService {
  readonly plan: ServicePlan
  readonly listeners: readonly Listener[]
  readonly slots: SlotSockets
}

export interface Generation {
  /** 1 at the start. */
  readonly number: number
  readonly config: LoadedConfig
  readonly hooks: HookRunner
  readonly environmentChanges: EnvironmentChanges
  /** Returns the present environment of the arbiter, with these changes and those of no other config. */
  readonly environment: () => NodeJS.ProcessEnv
  /** The directory with its compiled code. */
  readonly codeStore: string
  /** The directory of the package of tsgun that its workers are started from. */
  readonly home: string
  /** `workers`, with "auto" as a number. */
  readonly workers: number
  /** With `reload`: the files that the arbiter has loaded for it. */
  readonly files?: readonly string[]
  /** With `reload`: its code cannot be run, for this reason. */
  readonly broken?: ErrorReport | undefined
  /** The sockets that all its workers accept on; empty until they are open. */
  readonly listeners: readonly Listener[]
  /** The sockets that the worker of one slot accepts on. */
  readonly slots: SlotSockets
  /** How many CPUs the server may use. */
  readonly cpus: number
  /** Its task pools; empty until their queues are open. */
  readonly tasks: readonly GenerationTask[]
  /** As a task pool runs it: that pool. */
  readonly task?: TaskPlan
  /** Its services; empty until their sockets are open. */
  readonly services: readonly GenerationService[]
  /** As the pool of a service or a schedule runs it: that service. */
  readonly service?: ServicePlan
  /** By the names of its services with `reload: "changed"`. */
  readonly fingerprints?: ReadonlyMap<string, string>
  /** As the pool of such a service runs it: with the same one nothing has changed for it. */
  readonly fingerprint?: string | undefined
  /** As one run of a schedule has it: the time for which it runs, in milliseconds of the epoch. */
  readonly runAt?: number
  /** Absent when it has no certificate. */
  readonly tls?: TlsOfGeneration | undefined
  /** Absent without preload(). */
  readonly shared?: SharedOfGeneration | undefined
}

/** What preload() of a generation has returned; arbiter/preload/ makes it. */
export interface SharedOfGeneration {
  readonly manifest: SharedManifest
  /** What each of its processes inherits before its sockets. */
  readonly descriptors: readonly number[]
  /** No further process of the generation starts, and none runs. */
  release(): void
}

/** Reads the certificates of each generation that is loaded. */
export interface TlsSource {
  /**
   * Resolves with undefined without a certificate. Rejects with a ConfigError. `home`: see Generation.
   */
  load(
    config: Pick<LoadedConfig, 'settings' | 'directory' | 'origins'>,
    home: string,
  ): Promise<TlsOfGeneration | undefined>
  /** This generation is wanted. */
  use(tls: TlsOfGeneration | undefined): void
  /** What it needs is loaded now: its files may be removed. */
  keep(): Promise<unknown>
}

/** Loads generations, one after another. */
export interface GenerationSource {
  /** Rejects with a ConfigError for a user's mistake; then nothing is left of the attempt. */
  next(): Promise<Generation>
  /** Removes the code of a generation that no worker runs, and none will. */
  discard(generation: Generation): void
  /** Keeps the code that is in use from being cleaned out of the temporary directory. */
  renew(): void
}
