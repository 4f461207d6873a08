// The command `tsgun`: from its arguments to a server, a check or a printed config. Every way it can end has
// an exit code of ipc/exit-codes.ts, and a user's mistake is told in plain lines, without a stack.

import { CommanderError } from 'commander'
import { createCommand, parseArguments } from '../config/sources/flags.ts'
import { BindError } from '../listen/bind-error.ts'
import { noLocks, type FileLocks } from '../logging/files/file-locks.ts'
import { LogFiles, LogOpenError } from '../logging/files/log-files.ts'
import { sinkOpener } from '../logging/files/open-sink.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { GenerationLoader, type Generation } from '../arbiter/model/generation.ts'
import { Journal, type OnEvent } from '../arbiter/report/error-log.ts'
import { watchLogs } from '../arbiter/report/log-care.ts'
import { PidfileError } from '../arbiter/start/pidfile.ts'
import { serve, type Beginning, type ServeOptions } from '../arbiter/start/serve.ts'
import { createArbiterLoader } from '../modules/loader.ts'
import { openControl } from '../control/open.ts'
import { ConfigError } from '../config/problems/problem.ts'
import { type HookFailure, HookRefusal } from '../config/hooks/runner.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { lockFile } from '../os/system/file-lock.ts'
import { loadNative } from '../os/system/native.ts'
import { leaveStandardError } from '../os/process/leave-terminal.ts'
import { openNotifier } from '../systemd/open.ts'
import { readVersion } from '../version.ts'
import { announce, readyDescriptor } from '../server/announce.ts'
import { takeBeginning } from '../server/beginning.ts'
import { checkApp } from '../server/check-app.ts'
import { daemonize, isDaemonized } from '../server/daemonize.ts'
import { stopEarly } from '../server/early-stop.ts'
import { FirstWord } from '../server/first-word.ts'
import { printConfig } from './print-config.ts'
import { printUnits } from './print-units.ts'
import { StartWitness } from '../server/start-witness.ts'

/** Answers the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const firstWord = new FirstWord()
  try {
    const version = readVersion()
    if (words[0] === 'systemd') return await printUnits(words.slice(1), process.env, process.cwd())
    const beginning = takeBeginning(process)
    firstWord.address(beginning.predecessor)
    const command = createCommand().version(version, '--version')
    const args = parseArguments(words, 'command line', command)
    const input = { arguments: args, environment: process.env, directory: beginning.command.directory }
    return await run(input, { version, beginning, firstWord })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode // --help and --version
    const { code, text } = mistakeOf(error)
    process.stderr.write(`${text}\n`)
    firstWord.failed(text)
    return code
  }
}

type Input = ConstructorParameters<typeof GenerationLoader>[0]['input']

interface Circumstances {
  readonly version: string
  readonly beginning: Beginning
  readonly firstWord: FirstWord
}

async function run(input: Input, circumstances: Circumstances): Promise<number> {
  const { version, beginning } = circumstances
  const failures: HookFailure[] = []
  const reports = { onHookFailure: (failure: HookFailure): void => void failures.push(failure) }
  const readyFd = readyDescriptor(input.environment)
  const loader = new GenerationLoader({
    input,
    loader: createArbiterLoader(),
    onHookFailure: (failure) => reports.onHookFailure(failure),
  })
  const serveStarts = stopEarly(process, () => loader.discardAll())
  try {
    const first = await loader.next()
    const { settings } = first.config
    if (settings.print_config) return printConfig(first.config, input.arguments.json)
    const isBackground = isDaemonized(input.environment)
    // the new master of an upgrade stays where it was put
    const mayLeave = !isBackground && beginning.predecessor === undefined
    if (settings.daemon && !settings.check_config && mayLeave)
      return await daemonize(input.directory, readyFd)
    process.chdir(first.config.directory)
    process.cwd() // Node remembers the answer, also when a release that the server was started in is removed
    if (settings.check_config) return await checkApp(first, version)
    return await serveWithLogs(
      { ...circumstances, first, loader, readyFd, isBackground, serveStarts },
      (onHookFailure) => {
        reports.onHookFailure = onHookFailure
      },
    )
  } finally {
    loader.discardAll()
  }
}

interface ServeParts extends Circumstances {
  readonly first: Generation
  readonly loader: GenerationLoader
  readonly readyFd: number | undefined
  readonly isBackground: boolean
  /** From now on the server itself answers signals. */
  readonly serveStarts: () => void
}

async function serveWithLogs(
  { first, loader, readyFd, isBackground, serveStarts, firstWord, ...circumstances }: ServeParts,
  setHookFailure: (report: (failure: HookFailure) => void) => void,
): Promise<number> {
  const { settings, identity } = first.config
  process.title = `tsgun: master [${settings.proc_name ?? settings.app ?? ''}]`
  const native = loadNative()
  const journals: Journal[] = []
  const watch = watchLogs((event) => journals[0]?.report(event))
  const logs = await LogFiles.open(
    settings,
    sinkOpener({ watch, locks: fileLocks(native), gid: identity.gid }),
  )
  const journal = new Journal(logs, settings, witness(logs, firstWord))
  journals.push(journal)
  setHookFailure((failure) => journal.report({ type: 'hook_failed', ...failure }))
  const warn = (message: string): void => journal.report({ type: 'warning', message })
  const notifier = openNotifier({
    environment: process.env,
    native,
    isSecond: circumstances.beginning.predecessor !== undefined,
    warn,
  })
  if (notifier) journal.observe((event) => notifier.see(event))
  const onReady = (listeners: readonly string[]): void => {
    if (isBackground) leaveStandardError()
    firstWord.serves(process.pid)
    const line = `${JSON.stringify({ pid: process.pid, listeners })}\n`
    const problem = readyFd === undefined ? undefined : announce(readyFd, line)
    if (problem !== undefined) warn(problem)
  }
  try {
    serveStarts()
    const onServer: ServeOptions['onServer'] = (server) => notifier?.watch(server)
    return await serve({ ...circumstances, first, loader, journal, native, onReady, onServer, openControl })
  } catch (error) {
    const reason = plainReason(error)
    if (reason === undefined) throw error
    journal.report({ type: 'start_failed', reason, code: exitCodes.refused.code })
    return exitCodes.refused.code
  } finally {
    notifier?.close()
    await journal.close()
  }
}

function fileLocks(native: ReturnType<typeof loadNative>): FileLocks {
  return native instanceof Error ? noLocks : { lock: (fd, kind) => lockFile(native, fd, kind) }
}

/** Whoever waits for this start hears why it failed. */
function witness(logs: LogFiles, firstWord: FirstWord): OnEvent {
  const isOnScreen = logs.names().error === 'stderr'
  const startWitness = isOnScreen ? undefined : new StartWitness((text) => process.stderr.write(text))
  return (event) => {
    startWitness?.see(event)
    if (event.type === 'start_failed') firstWord.failed(event.reason)
  }
}

/** What a user can mend, in a sentence; undefined for a defect of tsgun. */
function plainReason(error: unknown): string | undefined {
  const known = error instanceof BindError || error instanceof PidfileError || error instanceof HookRefusal
  return known ? error.message : undefined
}

interface Mistake {
  readonly code: number
  readonly text: string
}

function mistakeOf(error: unknown): Mistake {
  const code = exitCodes.refused.code
  if (error instanceof ConfigError || error instanceof BindError) return { code, text: error.message }
  if (error instanceof LogOpenError) return { code, text: `${error.setting}: ${error.message}` }
  const text = `tsgun met an error of its own; please report it:\n${describeError(error).stack}`
  return { code: exitCodes.internal.code, text }
}
