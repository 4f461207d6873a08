// Runs in a worker: what the parts of its life share.

import type { BootMessage } from '../../ipc/messages.ts'
import type { ClientLimit } from '../../serving/accept/client-limit.ts'
import type { Certificates } from '../boot/certificates.ts'
import type { Beginning, Booted, BootSteps } from '../boot/steps.ts'
import type { Channel } from '../process/channel.ts'
import type { InFlight } from '../watchdog/in-flight.ts'
import type { LoadedFiles } from '../development/loaded-files.ts'
import type { Output } from '../process/output.ts'
import type { Watch } from '../watchdog/watch.ts'
import type { WorkerSystem } from './system.ts'

export interface LifeOptions {
  readonly message: BootMessage
  readonly channel: Pick<Channel, 'isOpen' | 'send'>
  readonly output: Pick<Output, 'log' | 'requests' | 'finish'>
  readonly loader: Pick<LoadedFiles, 'report' | 'latestEntry'>
  readonly watch: Pick<Watch, 'debugged' | 'beat' | 'serve' | 'end'>
  readonly boot: BootSteps
  readonly inFlight: Pick<InFlight, 'describe' | 'log'>
  readonly system: WorkerSystem
  readonly certificates: Pick<Certificates, 'renew' | 'answer' | 'responses'>
  /** Absent when the connections of a client are not limited. */
  readonly clientLimit: Pick<ClientLimit, 'crowded'> | undefined
}

/** Only ever later in this order. `ending`: at once, after a last hook. */
export type Phase = 'booting' | 'ready' | 'draining' | 'ending' | 'exiting'

/** Where a worker is in its life, and what it has got so far. */
export interface LifeState {
  phase: Phase
  beginning: Beginning | undefined
  booted: Booted | undefined
}
