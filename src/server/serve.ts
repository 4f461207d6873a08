// Runs in the arbiter: the life of a server, from its logs to its exit code. Nothing is bound before
// everything that can be checked was checked, and whatever was made is removed again, wherever the start
// stops.

import { PidfileError } from '../os/process/pidfile-owner.ts'
import { PreloadFailure } from '../arbiter/preload/preload-process.ts'
import { start } from '../arbiter/start/start.ts'
import { HookRefusal } from '../config/hooks/runner.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { BindError } from '../listen/bind-error.ts'
import { leaveStandardError } from '../os/process/leave-terminal.ts'
import { loadNative } from '../os/system/native.ts'
import { within } from '../os/system/within.ts'
import { compose, type ServerParts } from './compose.ts'
import type { LaunchOptions } from './launch-options.ts'
import type { Prepared } from './prepare.ts'
import { endPreloaded } from './preloaded.ts'
import { announce } from './ready-descriptor.ts'
import { openReports } from './reports.ts'
import { Undo } from './undo.ts'

export interface ServeOptions extends LaunchOptions {
  readonly prepared: Prepared
  /** This process is a daemon. */
  readonly isBackground: boolean
}

/** Milliseconds that the end waits for pipes of workers which other processes hold open. */
const outputPatience = 1000

/** Resolves with the exit code. Rejects with a LogOpenError, or for a defect of tsgun. */
export async function serve(options: ServeOptions): Promise<number> {
  const { version, prepared, startup, successor, early } = options
  const { settings } = prepared.first.config
  process.title = `tsgun: master [${settings.proc_name ?? settings.app ?? ''}]`
  const native = loadNative()
  const isSecond = startup.predecessor !== undefined
  const reports = await openReports({ prepared, native, successor, isSecond })
  try {
    const onReady = (urls: readonly string[]): void => reportReady(options, urls)
    return await live({ version, prepared, startup, reports, native, early, onReady })
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === undefined) throw error
    prepared.bus.emit({ type: 'start_failed', ...refusal })
    return refusal.code
  } finally {
    await reports.close()
  }
}

/** From the start to the exit. Rejects with an error that refusalOf() knows. */
async function live(parts: ServerParts): Promise<number> {
  const { version, prepared, reports } = parts
  const { emit } = prepared.bus
  const undo = new Undo()
  try {
    const { arbiter, first, preload, open, opened } = compose(parts, undo)
    reports.notifier?.watch(() => arbiter.snapshot())
    const steps = { preload, open, emit, version, logs: reports.logs.names() }
    const hasStarted = await start(arbiter, first, steps)
    if (hasStarted) opened()
    const code = hasStarted ? await arbiter.run() : exitCodes.ok.code
    await within(arbiter.outputEnded(), outputPatience, { unref: true })
    undo.run()
    await arbiter.hooks.run('on_exit', arbiter.view)
    await endPreloaded(process, prepared.exits, emit)
    emit({ type: 'stopped' })
    return code
  } finally {
    undo.run()
  }
}

function reportReady(options: ServeOptions, listeners: readonly string[]): void {
  const { isBackground, readyFd, successor, prepared } = options
  if (isBackground) leaveStandardError()
  successor.serves(process.pid)
  const line = `${JSON.stringify({ pid: process.pid, listeners })}\n`
  const problem = readyFd === undefined ? undefined : announce(readyFd, line)
  if (problem !== undefined) prepared.bus.emit({ type: 'warning', message: problem })
}

/** What a user can mend, in a sentence, with the exit code; undefined for a defect of tsgun. */
function refusalOf(error: unknown): { readonly reason: string; readonly code: number } | undefined {
  if (error instanceof PreloadFailure) return { reason: error.message, code: exitCodes.bootFailed.code }
  const isKnown = error instanceof BindError || error instanceof PidfileError || error instanceof HookRefusal
  return isKnown ? { reason: error.message, code: exitCodes.refused.code } : undefined
}
