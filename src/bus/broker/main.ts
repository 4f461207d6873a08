// The entry of the broker: the process of the master through which the messages of the bus go, so that
// neither the master nor any worker has a part in them. It ends with its master.

import { openSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { readBrokerOrder, type BrokerOrder, type BrokerReport } from '../../ipc/bus-messages.ts'
import { ownVersion } from '../../ipc/home.ts'
import { messageOf } from '../../os/error-message.ts'
import { takeOnIdentity } from '../../os/process/identity.ts'
import { systemClock } from '../../os/system/clock.ts'
import { lockFile } from '../../os/system/file-lock.ts'
import { callsOf, loadNative } from '../../os/system/native.ts'
import { BrokerService } from './service.ts'

process.title = 'tsgun: bus'

/** Milliseconds between two reports of figures that have changed. */
const reportInterval = 1000
const native = callsOf(loadNative())
const master = process.ppid
const begun: { service?: BrokerService } = {}

process.on('message', (value) => {
  const order = readBrokerOrder(value)
  if (order?.type === 'start') void start(order)
  else if (order?.type === 'stop') void stop()
})
// Of the terminal or a group: its master decides, and ends it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.once('disconnect', () => process.exit(0))

async function start(order: Extract<BrokerOrder, { type: 'start' }>): Promise<void> {
  const { version, identity } = order
  try {
    if (version !== ownVersion()) throw new Error(`it is tsgun ${ownVersion()}, and its master is ${version}`)
    takeOnIdentity(identity)
    native?.dieWithParent?.() // after the change of user, which would take it back
    if (process.ppid !== master) process.exit(0)
    const service = createService(order)
    begun.service = service
    setInterval(() => report(service), reportInterval).unref()
    await service.start()
  } catch (error) {
    send({ type: 'failed', reason: messageOf(error) })
    process.exitCode = 1
    process.disconnect()
  }
}

async function stop(): Promise<void> {
  await begun.service?.end()
  if (begun.service) report(begun.service)
  process.exit(0)
}

function createService({ socket, directory }: Extract<BrokerOrder, { type: 'start' }>): BrokerService {
  const fd = openSync(directory, 'r') // its own: a lock belongs to what open(2) has made
  return new BrokerService({
    clock: systemClock,
    // Without the system call an upgrade has two brokers, each with a part of the processes.
    tryLock: () => native === undefined || lockFile(native, fd, 'exclusive'),
    listen: (onSocket) => listen(socket, onSocket),
    onServing: () => send({ type: 'serving' }),
    onDropped: ({ greeting: { pid, name } }, messages) => send({ type: 'dropped', pid, name, messages }),
  })
}

function listen(fd: number, onSocket: (socket: Socket) => void): Server {
  // Half-open: at the end the clients close their side first.
  return createServer({ allowHalfOpen: true }, onSocket).listen({ fd })
}

const last = { text: '' }

function report(service: BrokerService): void {
  const figures = service.figures()
  const text = JSON.stringify(figures)
  if (text === last.text) return
  last.text = text
  send({ type: 'figures', figures })
}

function send(message: BrokerReport): void {
  if (process.connected) process.send?.(message)
}
