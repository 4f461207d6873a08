// `--check-config`, second half: the config is right by itself. What a start would meet on this machine is
// checked, and a child process, which is a worker that never serves, loads the hooks and the app.

import type { Generation } from '../arbiter/model/generation.ts'
import type { ProcessEnd } from '../arbiter/model/death/process-end.ts'
import { endFact, limitWords, startFailure } from '../arbiter/model/death/verdict.ts'
import { PreloadFailure } from '../arbiter/preload/preload-process.ts'
import { Preloads } from '../arbiter/preload/preloads.ts'
import type { StartWorker } from '../arbiter/model/system.ts'
import { workerStart, type BootFacts } from '../arbiter/pool/process/boot-message.ts'
import { workerStarter } from '../arbiter/pool/process/worker-process.ts'
import type { ErrorReport } from '../ipc/messages.ts'
import type { Subject } from '../doctor/subject.ts'
import { environmentNames } from '../ipc/environment.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { watchLogs } from '../arbiter/report/log-events.ts'
import { noLocks } from '../logging/rotation/file-locks.ts'
import { Logs } from '../logging/files/logs.ts'
import { sinkOpener } from '../logging/files/open-sink.ts'
import { systemClock } from '../os/system/clock.ts'
import { loadNative } from '../os/system/native.ts'
import { loadSharedMemory } from '../os/system/shared-memory.ts'
import { preflight } from '../doctor/preflight.ts'
import { loadedWords, othersOf } from './check-others.ts'

/** Resolves with 0, or with 1 after the reasons were written to standard error. */
export async function checkApp(
  generation: Generation,
  version: string,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const { config, workers } = generation
  const isElsewhere = environment[environmentNames.buildCheck] === '1'
  const isWrong = !isElsewhere && (await reportPlaces({ config, workers, environment }))
  const { problem, inOthers } = await findProblems(generation, version)
  const { file, settings, warnings } = config
  for (const message of warnings) process.stdout.write(`warning: ${message}\n`)
  if (problem !== undefined) process.stderr.write(`app ${settings.app ?? ''}: ${problem}\n`)
  for (const text of inOthers) process.stderr.write(`${text}\n`)
  if (isWrong || problem !== undefined || inOthers.length > 0) return exitCodes.refused.code
  const loads = loadedWords(config)
  process.stdout.write(`the config is right${file === null ? '' : ` (${file})`}, and ${loads}\n`)
  return exitCodes.ok.code
}

/** Directories, users and addresses. Returns whether a start would fail because of them. */
async function reportPlaces(subject: Subject): Promise<boolean> {
  const findings = await preflight(subject)
  for (const { level, subject: name, message, remedy } of findings) {
    if (level === 'wrong') process.stderr.write(`${name}: ${message}; ${remedy ?? ''}\n`)
    else if (name === 'bind' && !message.endsWith('is free')) process.stdout.write(`${name}: ${message}\n`)
  }
  return findings.some(({ level }) => level === 'wrong')
}

interface Problems {
  readonly problem: string | undefined
  /** One sentence each. */
  readonly inOthers: readonly string[]
}

/**
 * preload() runs, and the modules of the app, of tasks, services and schedules are loaded, but not the models
 * of tasks. What they print and log is shown: `capture_output` is off.
 */
async function findProblems(generation: Generation, version: string): Promise<Problems> {
  const { config } = generation
  const settings = { ...config.settings, capture_output: false, daemon: false }
  const watch = watchLogs(() => undefined) // the standard error of a command
  const openSink = sinkOpener({ watch, locks: noLocks, gid: undefined })
  const logs = await Logs.open(
    { ...settings, accesslog: null, errorlog: '-', applog: '-', services: {}, schedules: {} },
    openSink,
  )
  const quiet = { ...generation, config: { ...config, settings } }
  const parts = { startWorker: workerStarter(logs), facts: { version, color: { error: false, app: false } } }
  const preloads = new Preloads({
    startWorker: parts.startWorker,
    clock: systemClock,
    emit: () => undefined, // the reason is printed
    native: loadNative(),
    loadMemory: loadSharedMemory,
    facts: () => parts.facts,
  })
  try {
    return await tryAll({ ...quiet, shared: await preloads.prepare(quiet) }, parts)
  } catch (error) {
    if (!(error instanceof PreloadFailure)) throw error
    return { problem: reasonOf({ error: error.report }), inOthers: [] }
  } finally {
    preloads.close()
  }
}

async function tryAll(generation: Generation, parts: CheckParts): Promise<Problems> {
  const problem = await tryWorker(generation, parts)
  const inOthers: string[] = []
  for (const [name, other] of othersOf(generation)) {
    const found = await tryWorker(other, parts)
    if (found !== undefined) inOthers.push(`${name}: ${found}`)
  }
  return { problem, inOthers }
}

interface CheckParts {
  readonly startWorker: StartWorker
  readonly facts: Omit<BootFacts, 'now'>
}

/** A worker that loads everything, and ends. */
function tryWorker(generation: Generation, { startWorker, facts }: CheckParts): Promise<string | undefined> {
  const { settings, durations } = generation.config
  const { boot_timeout } = durations
  const record = { nr: 0, age: 0, trial: 0, generation: generation.number, deadline: null }
  const start = workerStart(record, generation, { ...facts, now: 0 })
  return new Promise((resolve) => {
    let problem: string | undefined
    let loads = false
    const onTime = setTimeout(() => {
      problem = `it was not loaded within boot_timeout, ${settings.boot_timeout} s`
      child.kill()
    }, boot_timeout)
    if (boot_timeout === 0) clearTimeout(onTime)
    const child = startWorker(
      { ...start, boot: { ...start.boot, checkOnly: true } },
      {
        onMessage: (message) => {
          if (message.type === 'ready') loads = true
          if (message.type === 'boot_failed') problem = reasonOf(message)
        },
        onUnknownMessage: () => undefined,
        onChannelClosed: () => undefined,
        onGarbage: () => undefined,
        onEnd(end) {
          clearTimeout(onTime)
          resolve(problem ?? (loads ? undefined : howItEnded(end)))
        },
      },
    )
  })
}

/** The stack is that of the app's own error; it is empty where the message says everything. */
function reasonOf({ error: { message, stack } }: { readonly error: ErrorReport }): string {
  return [message, stack].join('\n').trimEnd()
}

function howItEnded(end: ProcessEnd): string {
  if (end.error) return `its process could not be started: ${startFailure(end.error)}`
  return `its process ${endFact(end)} while the app was loaded${limitWords(end)}`
}
