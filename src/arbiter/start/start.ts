// Runs in the arbiter: the order of a start, as in gunicorn: nworkers_changed, on_starting, preload(), the
// sockets, when_ready. The workers are started after it, by the loop.

import type { Arbiter } from '../loop/arbiter.ts'
import { processesOf } from '../model/cpu-share.ts'
import type { Emit } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import { servedUrls } from '../model/served-sockets.ts'

export interface StartParts {
  /** Runs preload(). Resolves with false when a signal stops the server meanwhile. */
  readonly preload: () => Promise<boolean>
  /** Opens the sockets of the first generation, and the control socket. Rejects with a BindError. */
  readonly open: () => Promise<void>
  readonly emit: Emit
  readonly version: string
  /** The destination of each log. */
  readonly logs: Readonly<Record<string, string>>
}

/**
 * Resolves with false when a signal has stopped it. Rejects with a HookRefusal, a PreloadFailure or a
 * BindError.
 */
export async function start(
  { hooks, view }: Pick<Arbiter, 'hooks' | 'view'>,
  first: Generation,
  { preload, open, emit, version, logs }: StartParts,
): Promise<boolean> {
  const { settings, file, warnings } = first.config
  const { worker_class } = settings
  const app = settings.app ?? ''
  const facts = {
    version,
    node: process.version,
    workers: first.workers,
    worker_class,
    task_processes: processesOf(first.config.tasks),
    services: first.config.services.map(({ name }) => name),
    cpus: first.cpus,
    app,
    config: file,
    logs,
  }
  emit({ type: 'starting', facts })
  for (const message of warnings) emit({ type: 'warning', message })
  await hooks.run('nworkers_changed', view, first.workers, null)
  await hooks.run('on_starting', view)
  if (!(await preload())) return false
  await open()
  emit({ type: 'listening', urls: servedUrls(first).map((url) => `${url} (master pid ${process.pid})`) })
  await hooks.run('when_ready', view)
  return true
}
