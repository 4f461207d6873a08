// Runs in a worker: uncaught errors, and process.exit() of the app. Node's own policy stays: they end the
// process, with its exit code. They are logged first, with the requests in flight, which get their access
// lines. Buffered log lines are written however the process ends.

import type { Settings } from '../config/settings/table.ts'
import type { WorkerMessage } from '../ipc/messages.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { headline } from '../logging/records/headline.ts'
import { saying } from '../logging/records/said.ts'
import type { WorkerEvent } from '../logging/records/worker-events.ts'
import type { ExitCalls } from '../os/program/exit-calls.ts'
import type { InFlight } from './watchdog/in-flight.ts'
import type { Output } from './process/output.ts'

type Requests = Pick<InFlight, 'describe' | 'describeStarters' | 'log'>

export interface FaultParts {
  readonly output: Output
  readonly requests: Requests
  readonly exits: Pick<ExitCalls, 'exitNow'>
  /** To the master, through a pipe that needs no event loop. */
  readonly report: (message: WorkerMessage) => void
  readonly settings: Pick<Settings, 'errorlog' | 'capture_output'>
  /** What an uncaught error ends. Default: `worker`. */
  readonly whole?: Whole | undefined
}

interface Words {
  readonly ends: string
  readonly one: string
  readonly several: string
}

type Whole = 'worker' | 'thread' | 'task'

const requestWords = { one: 'one request was in flight', several: 'requests were in flight' }

const words: Readonly<Record<Whole, Words>> = {
  worker: { ends: 'ends this worker', ...requestWords },
  thread: { ends: 'ends this thread', ...requestWords },
  task: { ends: 'ends this task process', one: 'one task was running', several: 'tasks were running' },
}

/** Characters of a stack that the master gets: it shows the first line. */
const longestReport = 4000

export function watchFaults(
  process: NodeJS.Process,
  { output, requests, exits, report, settings, whole = 'worker' }: FaultParts,
): void {
  const said = words[whole]
  let isLogged = false
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    const what = origin === 'unhandledRejection' ? 'an unhandled rejection' : 'an uncaught exception'
    const message = headline(error)
    // Node calls the app's own handler next, and the process keeps running.
    const handled = process.listenerCount('uncaughtException') > 0
    if (handled)
      return output
        .log()
        .error(
          { err: error, ...saying('uncaught_error_handled') },
          `${what} is left to the app's own handler: ${message}`,
        )
    isLogged = true
    const { fields, text } = describe(requests, said)
    output
      .log()
      .fatal(
        { err: error, ...fields, ...ending('uncaught_error') },
        `${what} ${said.ends}: ${message}${text}`,
      )
    requests.log()
    output.finish()
    const { stack } = describeError(error)
    report({ type: 'fault', error: { message, stack: stack.slice(0, longestReport) } })
    exitInstead(process, standsTwice(settings) ? '' : `${stack}\n\nNode.js ${process.version}\n`, exits)
  })
  process.on('exit', (code) => {
    if (!isLogged) logExit(code, said, { output, requests })
    output.finish()
  })
}

/** At the end of a drain no request is in flight. */
function logExit(
  code: number,
  said: Words,
  { output, requests }: Pick<FaultParts, 'output' | 'requests'>,
): void {
  const { fields, text } = describe(requests, said)
  if (text === '') return
  const what = `process.exit() ${said.ends} with code ${code}${text}`
  output.log().error({ ...fields, ...ending('process_exit') }, what)
  requests.log()
}

/** As the records of the master about this worker have it; its own have `nr`. */
function ending(event: WorkerEvent): ReturnType<typeof saying> {
  return saying(event, { worker_pid: process.pid, duration_ms: Math.round(performance.now()) })
}

/**
 * Whether what is printed on standard error would repeat the error log, or stand beside it in the app log.
 */
function standsTwice({ errorlog, capture_output }: FaultParts['settings']): boolean {
  return errorlog === '-' || (errorlog !== null && capture_output)
}

/** The requests that this process leaves unanswered. `text` is empty when there are none. */
function describe(
  requests: Requests,
  said: Words,
): {
  readonly fields: Readonly<Record<string, unknown>>
  readonly text: string
} {
  const { requests: shown, more } = requests.describe()
  const count = shown.length + more
  if (count === 0) return { fields: {}, text: '' }
  const starters = requests.describeStarters()
  return {
    fields: {
      ...(starters.length > 0 ? { started_by: starters } : {}),
      in_flight: more === 0 ? shown : [...shown, `and ${more} more`],
    },
    text: `; ${count === 1 ? said.one : `${count} ${said.several}`}`,
  }
}

/**
 * Node would print an excerpt of compiled code with a line number that the TypeScript file does not have. So
 * at the end of the exit that Node has begun, after the app's own `exit` listeners, the text is printed here
 * and the process ends before Node prints it.
 */
function exitInstead(process: NodeJS.Process, text: string, { exitNow }: Pick<ExitCalls, 'exitNow'>): void {
  process.once('exit', () => {
    if (text !== '') process.stderr.write(text)
    exitNow() // with the code that Node, or the app at its exit, has set
  })
}
