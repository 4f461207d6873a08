// Runs in the arbiter: the life of a server, from its logs to its end. Nothing is bound before everything
// that can be checked was checked, and whatever was made is removed again, wherever the start stops.

import { start } from '../arbiter/start/start.ts'
import type { ControlledServer } from '../control/arbiter-target.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { loadNative } from '../os/system/native.ts'
import { within } from '../os/system/within.ts'
import { compose, type ServerParts } from './compose.ts'
import type { Host } from './host.ts'
import type { Prepared } from './prepare.ts'
import { openReports } from './reports.ts'
import { StartError, startErrorOf } from './start-error.ts'
import { Undo } from './undo.ts'

export interface ServeOptions {
  readonly prepared: Prepared
  readonly host: Host
  readonly version: string
  /** The server exists from now on, and its start continues. `interrupt`: before an order to stop. */
  readonly onComposed: (server: ControlledServer, interrupt: () => void) => void
  /** The workers of the start serve at these addresses. */
  readonly onReady: (urls: readonly string[]) => void
}

/** Milliseconds that the end waits for pipes of workers which other processes hold open. */
const outputPatience = 1000

/**
 * Resolves with the exit code when the server has stopped. Rejects with a StartError, or for a defect of
 * tsgun.
 */
export async function serve(options: ServeOptions): Promise<number> {
  const { prepared, host } = options
  const { config } = prepared.first
  host.enter(config.directory)
  host.setTitle(`tsgun: master [${config.settings.proc_name ?? config.settings.app ?? ''}]`)
  const native = loadNative()
  try {
    const reports = await openReports({ prepared, native, host })
    try {
      return await live({ ...options, reports, native })
    } catch (error) {
      const refusal = startErrorOf(error)
      if (refusal === undefined) throw error
      prepared.bus.emit({ type: 'start_failed', reason: refusal.message, code: refusal.exitCode })
      throw refusal
    } finally {
      await reports.close()
    }
  } catch (error) {
    throw startErrorOf(error) ?? error
  }
}

/** From the start to the exit. Rejects with an error that startErrorOf() knows, or with a StartError. */
async function live(parts: ServerParts): Promise<number> {
  const { version, prepared, reports, host } = parts
  const { bus } = prepared
  const { emit } = bus
  const undo = new Undo()
  let failure: StartError | undefined
  undo.add(
    bus.subscribe((event) => {
      if (event.type === 'start_failed') failure = new StartError(event.reason, event.code)
    }),
  )
  try {
    undo.add(await host.adoptOrphans(emit))
    const { arbiter, first, preload, open, opened, ended } = compose(parts, undo)
    reports.notifier?.watch(() => arbiter.snapshot())
    const steps = { preload, open, emit, version, logs: reports.logs.names() }
    const hasStarted = await start(arbiter, first, steps)
    if (hasStarted) opened()
    const code = hasStarted ? await arbiter.run() : exitCodes.ok.code
    await within(arbiter.outputEnded(), outputPatience, { unref: true })
    await ended()
    undo.run()
    await arbiter.hooks.run('on_exit', arbiter.view)
    await host.end(emit)
    emit({ type: 'stopped' })
    if (failure !== undefined) throw failure
    return code
  } finally {
    undo.run()
  }
}
