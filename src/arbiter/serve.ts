// Runs in the arbiter: the order of a start and of the end after it. Nothing is bound before everything that can be checked was checked,
// and whatever was made is taken away again, wherever the start stops.

import type { loadNative } from '../os/native.ts'
import { formatAddress } from '../listen/address.ts'
import type { Listener } from '../listen/listener.ts'
import { Listeners } from '../listen/listeners.ts'
import { systemClock } from '../os/clock.ts'
import { Arbiter } from './arbiter.ts'
import { CommandQueue } from './commands.ts'
import type { ArbiterEvent } from './events.ts'
import type { Generation, GenerationLoader } from './generation.ts'
import type { Journal } from './journal.ts'
import { Pidfile } from './pidfile.ts'
import { bindOf, ReloadSteps } from './reload-steps.ts'
import { onSignals } from './signals.ts'

type Native = ReturnType<typeof loadNative>

export interface ServeOptions {
  readonly version: string
  readonly first: Generation
  readonly loader: GenerationLoader
  readonly journal: Journal
  /** The system calls that Node lacks, or why there are none here. */
  readonly native: Native
  /** The workers of the start serve at these addresses. */
  readonly onReady: (urls: readonly string[]) => void
}

const reloadEnds: ReadonlySet<ArbiterEvent['type']> = new Set(['reloaded', 'reload_failed'])
/** Milliseconds that the end waits for pipes which processes left behind by workers hold open. */
const outputPatience = 1000

/** Runs the server until it stops. Fulfils with the exit code; rejects when it cannot start (PidfileError, HookRefusal, BindError). */
export async function serve({ version, first: loaded, loader, journal, native, onReady }: ServeOptions): Promise<number> {
  const undo: (() => void)[] = []
  const { settings } = loaded.config
  const own: Listener[] = [] // filled by the start: the arbiter's hooks see it grow
  const first = { ...loaded, listeners: own }
  const queue = new CommandQueue()
  try {
    onSignals(process, (signal) => queue.put({ type: 'signal', signal }))
    process.on('uncaughtException', (error) => journal.report({ type: 'uncaught', error })) // unhandled rejections come here too
    if (settings.pidfile !== null) undo.push(pidfileUntilEnd(settings.pidfile, journal))
    const listeners = createListeners(first, journal, native)
    undo.push(() => listeners.closeAll())
    const arbiter = new Arbiter({
      ...{ queue, version, first, listeners, clock: systemClock, report: journal.report, logs: journal.logs },
      steps: new ReloadSteps(loader, journal.logs, listeners),
      onReady: () => onReady(own.map(({ url }) => url)),
      onSettings: ({ config }) => void journal.follow(config.settings), // never rejects
    })
    await start(arbiter, first, {
      open: async () => void own.push(...(await listeners.open(bindOf(first.config)))),
      journal,
      version,
    })
    // A reload is over: what it does not use is closed, of the old generation or of the new one.
    undo.push(journal.observe(({ type }) => void (reloadEnds.has(type) && listeners.keepOnly(arbiter.listeners))))
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
  /** Opens the sockets of the first generation. */
  readonly open: () => Promise<void>
  readonly journal: Journal
  readonly version: string
}

/** gunicorn's order: nworkers_changed, on_starting, the sockets, when_ready. */
async function start(arbiter: Arbiter, first: Generation, { open, journal, version }: StartParts): Promise<void> {
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
  await open()
  journal.report({ type: 'listening', urls: first.listeners.map(({ url }) => `${url} (master pid ${process.pid})`) })
  await arbiter.hooks.run('when_ready', arbiter.view)
}

function createListeners({ config: { settings, identity } }: Generation, { report }: Journal, native: Native): Listeners {
  if (native instanceof Error) report({ type: 'no_native', reason: native.message })
  return new Listeners({
    backlog: settings.backlog,
    umask: settings.umask,
    owner: identity,
    native: native instanceof Error ? undefined : native,
    onRetry: (address, triesLeft) => report({ type: 'address_in_use', address: formatAddress(address), triesLeft }),
    warn: (message) => report({ type: 'warning', message }),
    isShared: () => false,
  })
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
