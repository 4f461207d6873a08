// Runs in the arbiter: the order of a start and of the end after it. Nothing is bound before everything that can be checked was checked,
// and whatever was made is taken away again, wherever the start stops.

import type { loadNative } from '../os/native.ts'
import { bindAll } from '../listen/listener.ts'
import type { Listener } from '../listen/listener.ts'
import { formatAddress, parseAddress } from '../listen/address.ts'
import { systemClock } from '../os/clock.ts'
import type { Clock } from '../os/clock.ts'
import type { Settings } from '../config/settings.ts'
import { Arbiter } from './arbiter.ts'
import { CommandQueue } from './commands.ts'
import type { Generation, GenerationLoader } from './generation.ts'
import type { Journal } from './journal.ts'
import { Pidfile } from './pidfile.ts'
import { ReloadSteps } from './reload-steps.ts'
import { onSignals } from './signals.ts'
import { watchForChanges } from './watch-changes.ts'
import type { WorkerRecord } from './worker-record.ts'

type Native = ReturnType<typeof loadNative>

/** What the control socket looks at and gives orders to. */
export interface ControlledServer {
  readonly view: Arbiter['view']
  readonly records: () => readonly WorkerRecord[]
  /** The config file in use. */
  readonly config: string | null
  readonly queue: Pick<CommandQueue, 'put'>
  readonly journal: Pick<Journal, 'observe' | 'report'>
  readonly clock: Pick<Clock, 'now'>
}

/** The control socket, open. */
export interface Control {
  /** The new master of an upgrade takes the path of the old one, which had a suffix until then. */
  promote(): void
  /** Answers why its file could not be removed, if so. */
  close(): string | undefined
}

/** Fulfils with nothing when the settings ask for none; rejects with a BindError. `suffix`: behind its path, until it is promoted. */
export type OpenControl = (server: ControlledServer, settings: Settings, suffix?: string) => Promise<Control | undefined>

export interface ServeOptions {
  readonly version: string
  readonly first: Generation
  readonly loader: GenerationLoader
  readonly journal: Journal
  /** The system calls that Node lacks, or why there are none here. */
  readonly native: Native
  /** The workers of the start serve at these addresses. */
  readonly onReady: (urls: readonly string[]) => void
  readonly openControl: OpenControl
  /** There is a server to look at; it starts now. */
  readonly onServer: (server: Pick<Arbiter, 'view' | 'records'>) => void
}

/** Milliseconds that the end waits for pipes which processes left behind by workers hold open. */
const outputPatience = 1000

/** Runs the server until it stops. Fulfils with the exit code; rejects when it cannot start (PidfileError, HookRefusal, BindError). */
export async function serve({
  version,
  first,
  loader,
  journal,
  native,
  onReady,
  onServer,
  openControl,
}: ServeOptions): Promise<number> {
  const undo: (() => void)[] = []
  const { settings } = first.config
  const queue = new CommandQueue()
  try {
    onSignals(process, (signal) => queue.put({ type: 'signal', signal }))
    process.on('uncaughtException', (error) => journal.report({ type: 'uncaught', error })) // unhandled rejections come here too
    if (settings.pidfile !== null) undo.push(pidfileUntilEnd(settings.pidfile, journal))
    const listeners: Listener[] = []
    undo.push(() => listeners.forEach((listener) => listener.close()))
    const files = watchForChanges({ queue, journal, loader })
    undo.push(() => files.close())
    const arbiter = new Arbiter({
      ...{ queue, version, first, listeners, clock: systemClock, report: journal.report, logs: journal.logs },
      steps: new ReloadSteps(loader, journal.logs),
      onReady: () => onReady(listeners.map(({ url }) => url)),
      onSettings(generation) {
        void journal.follow(generation.config.settings) // never rejects
        files.follow(generation)
      },
      files,
    })
    const records = (): readonly WorkerRecord[] => arbiter.records
    const controlled = { view: arbiter.view, records, config: first.config.file, queue, journal, clock: systemClock }
    const onListening = async (): Promise<void> => {
      const control = await openControl(controlled, settings)
      if (control !== undefined) undo.push(() => closeControl(control, journal))
    }
    files.follow(first)
    onServer(arbiter)
    await start(arbiter, first, { listeners, journal, version, native, onListening })
    const code = await arbiter.run()
    await Promise.race([arbiter.outputEnded(), new Promise((resolve) => setTimeout(resolve, outputPatience).unref())])
    takeBack(undo)
    await arbiter.hooks.run('on_exit', arbiter.view)
    journal.report({ type: 'stopped' })
    return code
  } finally {
    takeBack(undo)
  }
}

interface StartParts {
  /** Filled here: the arbiter's hooks see it grow. */
  readonly listeners: Listener[]
  readonly journal: Journal
  readonly version: string
  readonly native: Native
  readonly onListening: () => Promise<void>
}

/** gunicorn's order: nworkers_changed, on_starting, the sockets, when_ready. */
async function start(arbiter: Arbiter, first: Generation, parts: StartParts): Promise<void> {
  const { listeners, journal, version, native, onListening } = parts
  const { settings, file, warnings } = first.config
  journal.report({
    type: 'starting',
    facts: {
      ...{ version, node: process.version, workers: first.workers, worker_class: settings.worker_class, app: settings.app ?? '' },
      ...{ config: file, logs: journal.logs.names() },
    },
  })
  for (const message of warnings) journal.report({ type: 'warning', message })
  await arbiter.hooks.run('nworkers_changed', arbiter.view, first.workers, null)
  await arbiter.hooks.run('on_starting', arbiter.view)
  listeners.push(...(await bind(first, journal, native)))
  await onListening()
  journal.report({ type: 'listening', urls: listeners.map(({ url }) => `${url} (master pid ${process.pid})`) })
  await arbiter.hooks.run('when_ready', arbiter.view)
}

function bind({ config: { settings, identity } }: Generation, { report }: Journal, native: Native): Promise<Listener[]> {
  if (native instanceof Error) report({ type: 'no_native', reason: native.message })
  const addresses = typeof settings.bind === 'string' ? [settings.bind] : settings.bind
  return bindAll(addresses.map(parseAddress), {
    backlog: settings.backlog,
    umask: settings.umask,
    owner: identity,
    native: native instanceof Error ? undefined : native,
    onRetry: (address, triesLeft) => report({ type: 'address_in_use', address: formatAddress(address), triesLeft }),
  })
}

function closeControl(control: Control, journal: Journal): void {
  const problem = control.close()
  if (problem !== undefined) journal.report({ type: 'warning', message: `the control socket is not removed: ${problem}` })
}

function pidfileUntilEnd(path: string, journal: Journal): () => void {
  const pidfile = Pidfile.create(path)
  return () => {
    const found = pidfile.remove()
    if (found !== undefined) journal.report({ type: 'pidfile_lost', path: pidfile.path, found })
  }
}

/** Last made, first taken away; each once. */
function takeBack(undo: (() => void)[]): void {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) step()
}
