// What the classes of a pool share. Types only.

import type { ServerView } from '../../config/hooks/views.ts'
import type { Listener } from '../../listen/listener.ts'
import type { Identity } from '../../os/process/identity.ts'
import type { TickStore } from '../model/tick-notes.ts'
import type { Commands } from '../model/commands.ts'
import type { Emit } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import type { System, WorkerStart } from '../model/system.ts'
import type { Members } from './members.ts'

/** The listening sockets, as far as workers that end are concerned. */
export interface SharedSockets {
  /** During an upgrade another arbiter has the same sockets. */
  readonly areShared: boolean
  /** No new connection is queued on these sockets from now on; queued ones are not reset. */
  hold(listeners: readonly Listener[]): void
}

export interface PoolContext {
  readonly system: System
  readonly commands: Commands
  readonly emit: Emit
  readonly listeners: SharedSockets
  readonly version: string
  /** Which logs of a service are a terminal; without a name, those of the server. */
  readonly color: (service?: string) => WorkerStart['boot']['color']
  /** The bus of the server, for a process that starts now. */
  readonly bus?: () => WorkerStart['boot']['bus']
  /** The argument `server` of hooks. */
  readonly view: ServerView
  /** The locks of instances of which only one may run. */
  readonly locks: { of(service: string, nr: number, owner: Pick<Identity, 'uid' | 'gid'>): number }
  /** Opens the file with the last times of the schedules. Throws an error of the file system. */
  readonly openTicks: (generation: Generation) => TickStore
  /** Workers of all pools are counted together. */
  readonly nextAge: () => number
}

export interface PoolParts extends PoolContext {
  readonly members: Members
}
