// Runs in the arbiter: one process of the broker.

import { readBrokerReport, type BrokerOrder, type BrokerReport } from '../../ipc/bus-messages.ts'
import { workerDescriptors } from '../../ipc/environment.ts'
import { programIn } from '../../ipc/home.ts'
import { messageOf } from '../../os/error-message.ts'
import type { SpawnedProcess } from '../../os/process/spawn.ts'
import { spawnHelper, type HelperEnd } from '../../os/process/spawn-helper.ts'

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
  let reason: string | undefined
  const child = spawnHelper(
    { entry: programIn(home, 'bus'), environment, inherit: [fd] },
    {
      onMessage(value) {
        const report = readBrokerReport(value)
        if (report?.type === 'failed') reason = report.reason
        else if (report) handlers.onReport(report)
      },
      onEnd: (end) => handlers.onEnd(howEnded(end, reason)),
    },
  )
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

function howEnded({ code, signal, error, crash }: HelperEnd, reason = crash): string {
  if (error) return `could not be started: ${messageOf(error)}`
  const how = signal === null ? `has ended with exit code ${code ?? ''}` : `was ended by ${signal}`
  return reason === undefined ? how : `${how}: ${reason}`
}
