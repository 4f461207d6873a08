// Runs in the arbiter: the order of a start and of the end after it. Nothing is bound before everything that
// can be checked was checked, and whatever was made is taken away again, wherever the start stops.

import type { loadNative } from '../../os/system/native.ts'
import { formatAddress } from '../../listen/address.ts'
import type { InheritedSocket, Listener } from '../../listen/listener.ts'
import { ListenSockets, type ListenSocketsOptions } from '../../listen/listen-sockets.ts'
import { systemClock } from '../../os/system/clock.ts'
import type { ArbiterCommandLine } from '../../os/process/spawn-arbiter.ts'
import { Arbiter } from '../loop/arbiter.ts'
import { CommandQueue } from '../model/commands.ts'
import type { ArbiterEvent } from '../model/events.ts'
import type { Generation, GenerationLoader } from '../model/generation.ts'
import type { Journal } from '../report/error-log.ts'
import { MasterControl, type OpenControl } from './control-life.ts'
import { MasterPidfile } from './pidfile-life.ts'
import { bindOf, ReloadSteps } from '../reload/steps.ts'
import { onSignals } from '../loop/signals.ts'
import { Upgrade } from '../upgrade/upgrade.ts'
import type { Predecessor } from '../upgrade/handover.ts'
import { watchForChanges } from '../reload/development-watch.ts'

type Native = ReturnType<typeof loadNative>

export interface ServeOptions {
  readonly version: string
  readonly first: Generation
  readonly loader: GenerationLoader
  readonly journal: Journal
  /** The system calls that Node lacks, or why there are none here. */
  readonly native: Native
  readonly beginning: Beginning
  /** The workers of the start serve at these addresses. */
  readonly onReady: (urls: readonly string[]) => void
  readonly openControl: OpenControl
  /** There is a server to look at; it starts now. */
  readonly onServer: (server: Pick<Arbiter, 'view' | 'records'>) => void
}

/** What this process was started with, besides its config. */
export interface Beginning {
  readonly command: ArbiterCommandLine
  /** The old master, if this is the new one of an upgrade. */
  readonly predecessor: Predecessor | undefined
  /** The sockets that systemd has opened for it. */
  readonly activated: readonly InheritedSocket[]
}

const reloadEnds: ReadonlySet<ArbiterEvent['type']> = new Set(['reloaded', 'reload_failed', 'restarted'])
const upgradeEnds: ReadonlySet<ArbiterEvent['type']> = new Set([
  'promoted',
  'upgrade_ended',
  'upgrade_failed',
])

/** Milliseconds that the end waits for pipes which processes left behind by workers hold open. */
const outputPatience = 1000

/**
 * Runs the server until it stops. Fulfils with the exit code; rejects when it cannot start (PidfileError,
 * HookRefusal, BindError).
 */
export async function serve(options: ServeOptions): Promise<number> {
  const { version, first: loaded, loader, journal, beginning, onReady, onServer } = options
  const undo: (() => void)[] = []
  const { settings } = loaded.config
  const own: Listener[] = [] // filled by the start: the arbiter's hooks see it grow
  const first = { ...loaded, listeners: own }
  const queue = new CommandQueue()
  try {
    onSignals(process, (signal) => queue.put({ type: 'signal', signal }))
    // unhandled rejections come here too
    process.on('uncaughtException', (error) => journal.report({ type: 'uncaught', error }))
    const masterPidfile = new MasterPidfile(settings.pidfile, journal.report)
    const control = new MasterControl(options.openControl, journal.report)
    const upgrade = new Upgrade({
      ...beginning,
      queue,
      report: journal.report,
      share: (served) => listeners.share(served),
      onPromoted(from) {
        masterPidfile.promote(from)
        control.promote()
      },
    })
    masterPidfile.create(upgrade.suffix)
    undo.push(() => masterPidfile.remove())
    const listeners = createListeners(options, () => upgrade.isShared)
    undo.push(() => endListeners(listeners))
    const files = watchForChanges({ queue, journal, loader })
    undo.push(() => files.close())
    const arbiter = new Arbiter({
      queue,
      version,
      first,
      listeners,
      upgrade,
      files,
      clock: systemClock,
      report: journal.report,
      logs: journal.logs,
      steps: new ReloadSteps(loader, journal.logs, listeners),
      onReady: () => onReady(own.map(({ url }) => url)),
      onSettings(generation) {
        void journal.follow(generation.config.settings) // never rejects
        files.follow(generation)
      },
    })
    files.follow(first)
    onServer(arbiter)
    await start(arbiter, first, {
      journal,
      version,
      async open() {
        own.push(...(await listeners.open(bindOf(first.config))))
        await control.open({ arbiter, queue, journal, first }, upgrade.suffix)
        undo.push(() => control.close())
      },
    })
    listeners.keepOnly(own) // the old master may have had more
    undo.push(journal.observe(({ type }) => tidyListeners(type, listeners, arbiter)))
    const code = await arbiter.run()
    await Promise.race([
      arbiter.outputEnded(),
      new Promise((resolve) => setTimeout(resolve, outputPatience).unref()),
    ])
    takeBack(undo)
    await arbiter.hooks.run('on_exit', arbiter.view)
    journal.report({ type: 'stopped' })
    return code
  } finally {
    takeBack(undo)
  }
}

interface StartParts {
  /** Opens the sockets of the first generation, and the control socket. */
  readonly open: () => Promise<void>
  readonly journal: Journal
  readonly version: string
}

/** gunicorn's order: nworkers_changed, on_starting, the sockets, when_ready. */
async function start(
  arbiter: Arbiter,
  first: Generation,
  { open, journal, version }: StartParts,
): Promise<void> {
  const { settings, file, warnings } = first.config
  journal.report({
    type: 'starting',
    facts: {
      version,
      node: process.version,
      workers: first.workers,
      worker_class: settings.worker_class,
      app: settings.app ?? '',
      config: file,
      logs: journal.logs.names(),
    },
  })
  for (const message of warnings) journal.report({ type: 'warning', message })
  await arbiter.hooks.run('nworkers_changed', arbiter.view, first.workers, null)
  await arbiter.hooks.run('on_starting', arbiter.view)
  await open()
  journal.report({
    type: 'listening',
    urls: first.listeners.map(({ url }) => `${url} (master pid ${process.pid})`),
  })
  await arbiter.hooks.run('when_ready', arbiter.view)
}

function createListeners(
  { first, journal: { report }, native, beginning }: ServeOptions,
  isShared: () => boolean,
): ListenSockets {
  const { settings, identity } = first.config
  if (native instanceof Error) report({ type: 'no_native', reason: native.message })
  const options: ListenSocketsOptions = {
    backlog: settings.backlog,
    umask: settings.umask,
    owner: identity,
    native: native instanceof Error ? undefined : native,
    onRetry: (address, triesLeft) =>
      report({ type: 'address_in_use', address: formatAddress(address), triesLeft }),
    warn: (message) => report({ type: 'warning', message }),
    isShared,
  }
  return new ListenSockets(options, beginning.predecessor?.sockets ?? beginning.activated)
}

/**
 * What the generation that serves does not use is closed: sockets of the one before it, or of one that has
 * failed.
 */
function tidyListeners(event: ArbiterEvent['type'], listeners: ListenSockets, arbiter: Arbiter): void {
  if (reloadEnds.has(event)) listeners.keepOnly(arbiter.listeners)
  if (upgradeEnds.has(event)) listeners.removeLeftFiles()
}

/** The last of two masters removes the files of both. */
function endListeners(listeners: ListenSockets): void {
  listeners.closeAll()
  if (!listeners.areShared) listeners.removeLeftFiles()
}

/** Last made, first taken away; each once. */
function takeBack(undo: (() => void)[]): void {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) step()
}
