// Runs in the arbiter: puts the parts of a server together. Nothing else knows all of them.

import { Arbiter } from '../arbiter/loop/arbiter.ts'
import { CommandQueue } from '../arbiter/loop/queue.ts'
import type { Emit } from '../arbiter/model/events.ts'
import type { Generation } from '../arbiter/model/generation.ts'
import { servedUrls } from '../arbiter/model/served-sockets.ts'
import type { ArbiterSignal } from '../arbiter/model/signals.ts'
import { socketsOfServer } from '../arbiter/model/sockets.ts'
import { PreloadedSource } from '../arbiter/preload/preloaded-source.ts'
import type { Preloads } from '../arbiter/preload/preloads.ts'
import { CheckedSource, openSockets } from '../arbiter/reload/check.ts'
import { watchForChanges } from '../arbiter/reload/development-watch.ts'
import { openTicks } from '../arbiter/schedules/open-ticks.ts'
import { InstanceLocks } from '../arbiter/services/locks.ts'
import { openQueues } from '../arbiter/tasks/queues.ts'
import { ControlSocket } from '../arbiter/start/control-socket.ts'
import { Pidfile } from '../arbiter/start/pidfile.ts'
import { Upgrade } from '../arbiter/upgrade/upgrade.ts'
import type { ControlledServer } from '../control/arbiter-target.ts'
import { openControl } from '../control/open.ts'
import type { ListenSockets, OpenSockets } from '../listen/listen-sockets.ts'
import { callsOf, type NativeCalls } from '../os/system/native.ts'
import { ServerBus } from './bus.ts'
import { keepCertificates } from './certificates.ts'
import type { Host, Receivers } from './host.ts'
import { createSockets, endSockets } from './sockets.ts'
import { composePreloads } from './preloads.ts'
import type { Prepared } from './prepare.ts'
import type { Reports } from './reports.ts'
import { realSystem, realUpgradeSystem } from './system.ts'
import type { Undo } from './undo.ts'

export interface ServerParts {
  readonly version: string
  readonly prepared: Prepared
  readonly host: Host
  readonly reports: Reports
  /** The system calls that Node lacks, or why they are missing. */
  readonly native: NativeCalls | Error
  /** The server exists from now on, and its start continues. `interrupt`: before an order to stop. */
  readonly onComposed: (server: ControlledServer, interrupt: () => void) => void
  /** The workers of the start serve at these addresses. */
  readonly onReady: (urls: readonly string[]) => void
}

const stopSignals: readonly ArbiterSignal[] = ['SIGTERM', 'SIGINT', 'SIGQUIT']

export interface ComposedServer {
  readonly arbiter: Arbiter
  readonly first: Generation
  /** Runs preload(). Resolves with false when a signal ends it. Rejects with a PreloadFailure. */
  readonly preload: () => Promise<boolean>
  /** Opens the sockets of the first generation, and the control socket. Rejects with a BindError. */
  readonly open: () => Promise<void>
  /** All workers have exited. */
  readonly ended: () => Promise<void>
  /** The start is done: sockets that the old arbiter had besides are closed. */
  readonly opened: () => void
}

/** Throws a PidfileError or a BindError. `undo` gets what removes what was made. */
export function compose(parts: ServerParts, undo: Undo): ComposedServer {
  const { prepared, reports, native } = parts
  const { emit } = prepared.bus
  const { config } = prepared.first
  let onStop = (): void => undefined
  const queue = new CommandQueue()
  undo.add(parts.host.receive(receivers(queue, emit, () => onStop())))
  const control = new ControlSocket((settings, suffix) => openControl(controlled, settings, suffix), emit)
  const locks = new InstanceLocks(parts.host.startup.predecessor?.locks)
  undo.add(() => locks.close())
  const { upgrade, listeners, busOfServer } = composeSockets(parts, { queue, control, locks, undo })
  let opened: OpenSockets & Pick<Generation, 'tasks' | 'services'> = prepared.first
  let shared: Generation['shared']
  const first: Generation = {
    ...prepared.first,
    get listeners() {
      return opened.listeners
    },
    get slots() {
      return opened.slots
    },
    get tasks() {
      return opened.tasks
    },
    get services() {
      return opened.services
    },
    get shared() {
      return shared
    },
  }
  const preloads = composePreloads(parts, undo)
  onStop = () => preloads.stop()
  const sockets = { upgrade, listeners, busOfServer, locks }
  const arbiter = composeArbiter(parts, { ...sockets, queue, preloads, first, undo })
  const { narration, feed } = reports
  const controlled = { snapshot: () => arbiter.snapshot(), narration, feed, commands: queue, emit }
  parts.onComposed(controlled, () => preloads.stop())
  return {
    arbiter,
    first,
    preload: () => preloads.begin(prepared.first, (found) => (shared = found)),
    async open() {
      opened = { ...(await openSockets(first, listeners)), tasks: await openQueues(first, callsOf(native)) }
      await busOfServer.open(first)
      await control.open(config.settings, upgrade.suffix)
      undo.add(() => control.close())
    },
    ended: () => busOfServer.stop(),
    opened: () => listeners.keepOnly(socketsOfServer(first)),
  }
}

interface SocketParts {
  readonly queue: CommandQueue
  readonly control: ControlSocket
  readonly locks: InstanceLocks
  readonly undo: Undo
}

/** The pidfile, which is made first, then the upgrade and the sockets that it shares with another arbiter. */
function composeSockets(
  { version, prepared, host: { startup }, native }: ServerParts,
  { queue, control, locks, undo }: SocketParts,
): Pick<ArbiterParts, 'upgrade' | 'listeners' | 'busOfServer'> {
  const { emit } = prepared.bus
  const { config } = prepared.first
  const pidfile = new Pidfile(config.settings.pidfile, emit, native)
  const upgrade: Upgrade = new Upgrade({
    ...startup,
    commands: queue,
    emit,
    system: realUpgradeSystem,
    home: () => prepared.loader.presentHome,
    share: (served) => listeners.share(served),
    locks: () => locks.all(),
    bus: () => busOfServer.socket,
    onPromoted(from) {
      pidfile.promote(from)
      control.promote()
    },
    onAlone: () => listeners.removeLeftFiles(),
  })
  pidfile.create(upgrade.suffix)
  undo.add(() => pidfile.remove())
  const listeners = createSockets({ config, native, startup, emit, isShared: () => upgrade.isShared })
  undo.add(() => endSockets(listeners))
  const busOfServer: ServerBus = new ServerBus({
    version,
    emit,
    native: callsOf(native),
    inherited: startup.predecessor?.bus,
    isShared: () => upgrade.isShared,
  })
  undo.add(() => busOfServer.close())
  prepared.temporary.add(() => busOfServer.close())
  return { upgrade, listeners, busOfServer }
}

interface ArbiterParts {
  readonly queue: CommandQueue
  readonly upgrade: Upgrade
  readonly listeners: ListenSockets
  readonly locks: InstanceLocks
  readonly busOfServer: ServerBus
  readonly preloads: Preloads
  readonly first: Generation
  readonly undo: Undo
}

function composeArbiter(
  { version, prepared, reports, native, host, onReady }: ServerParts,
  { queue, upgrade, listeners, busOfServer, locks, preloads, first, undo }: ArbiterParts,
): Arbiter {
  const { bus, loader } = prepared
  const { logs, errorLog, history } = reports
  const { directory } = first.config
  const files = watchForChanges({ commands: queue, emit: bus.emit, loader, directory })
  undo.add(() => files.close())
  files.follow(first)
  const isShared = (): boolean => listeners.areShared
  const certificates = keepCertificates({ version, bus, commands: queue, isShared }, undo)
  certificates.follow(first)
  return new Arbiter({
    system: realSystem({ logs, early: host.early, native, undo }),
    queue,
    emit: bus.emit,
    version,
    startedAt: host.startedAt,
    first,
    source: new PreloadedSource(
      new CheckedSource({
        source: loader,
        logs,
        listeners,
        openQueues: (generation) => openQueues(generation, callsOf(native)),
      }),
      preloads,
    ),
    logs,
    color: (owner) => ({ error: logs.isTerminal('error', owner), app: logs.isTerminal('app', owner) }),
    bus: () => busOfServer.boot(),
    onBusWanted: () => busOfServer.want(),
    busFigures: () => busOfServer.figures(),
    listeners,
    locks,
    openTicks: (generation) => openTicks(generation, { locks, undo }),
    upgrade,
    history,
    files,
    onChallenged: (age, nr) => certificates.confirm(age, nr),
    onReady() {
      host.serves(servedUrls(first), bus.emit)
      onReady(servedUrls(first))
      certificates.begin()
    },
    onWanted(generation) {
      loader.use(generation)
      void errorLog.follow(generation.config.settings) // never rejects
      files.follow(generation)
      certificates.follow(generation)
      busOfServer.follow(generation)
    },
  })
}

/** Signals become commands, uncaught errors events. `onStop`: the loop may not run yet. */
function receivers(queue: CommandQueue, emit: Emit, onStop: () => void): Receivers {
  return {
    onSignal(signal) {
      queue.put({ type: 'signal', signal })
      if (stopSignals.includes(signal)) onStop()
    },
    onUncaughtError: (error) => emit({ type: 'uncaught_error', error }),
  }
}
