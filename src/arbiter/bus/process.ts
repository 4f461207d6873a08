// Runs in the arbiter: one process of the broker.

import { readBrokerReport, type BrokerOrder, type BrokerReport } from '../../ipc/bus-messages.ts'
import { workerDescriptors } from '../../ipc/environment.ts'
import { programIn } from '../../ipc/home.ts'
import { messageOf } from '../../os/error-message.ts'
import { spawnProcess, type SpawnedProcess } from '../../os/process/spawn.ts'

/** Characters of its output that are kept, for a process that crashes. */
const kept = 2000
/** With DEBUG libraries would print; flags of Node.js are for the app. */
const notInherited: readonly string[] = ['DEBUG', 'NODE_OPTIONS']

export interface BrokerStart {
  /** The package of tsgun that it is started from. */
  readonly home: string
  readonly environment: NodeJS.ProcessEnv
  /** The descriptor of the socket. */
  readonly fd: number
  readonly order: Omit<Extract<BrokerOrder, { type: 'start' }>, 'socket' | 'type'>
}

export interface BrokerHandlers {
  readonly onReport: (report: BrokerReport) => void
  /** As the rest of a sentence. Called once. */
  readonly onEnd: (how: string) => void
}

export interface BrokerProcess {
  readonly pid: number | null
  stop(): void
  kill(): void
}

export type StartBroker = (start: BrokerStart, handlers: BrokerHandlers) => BrokerProcess

export function startBroker(
  { home, environment, fd, order }: BrokerStart,
  handlers: BrokerHandlers,
): BrokerProcess {
  const variables = Object.entries(environment).filter(([name]) => !notInherited.includes(name))
  let output = ''
  let reason: string | undefined
  const child = spawnProcess(
    {
      entry: programIn(home, 'bus'),
      environment: Object.fromEntries(variables),
      nodeFlags: [],
      directory: '/',
      inherit: [fd],
      output: 'pipe',
    },
    {
      onMessage(value) {
        const report = readBrokerReport(value)
        if (report?.type === 'failed') reason = report.reason
        else if (report) handlers.onReport(report)
      },
      onEnd: (code, signal, error) =>
        handlers.onEnd(howEnded({ code, signal, error }) + why(reason ?? errorIn(output))),
    },
  )
  child.stdout?.resume()
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-kept)))
  send(child, { type: 'start', socket: workerDescriptors.firstInherited, ...order })
  return {
    pid: child.pid ?? null,
    stop: () => send(child, { type: 'stop' }),
    kill: () => child.kill('SIGKILL'),
  }
}

function send(child: SpawnedProcess, order: BrokerOrder): void {
  child.send(order)
}

interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly error: Error | undefined
}

function howEnded({ code, signal, error }: End): string {
  if (error) return `could not be started: ${messageOf(error)}`
  return signal === null ? `has ended with exit code ${code ?? ''}` : `was ended by ${signal}`
}

const why = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`)

/** The line with the error, of a process that has crashed. */
function errorIn(output: string): string | undefined {
  return output.split('\n').find((line) => /^\S*Error\b|^FATAL ERROR/.test(line))
}
