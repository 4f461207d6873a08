// The entry of a short-lived process of the master: it orders a certificate by ACME, and keeps it. So neither
// a slow authority nor the libraries that this needs are ever in the master.

import { readAcmeOrder, type AcmeReport, type AcmeTask } from '../ipc/acme-messages.ts'
import { ownVersion } from '../ipc/home.ts'
import { messageOf } from '../os/error-message.ts'
import { ownPackage } from '../os/own-code.ts'
import { orderUnlessCurrent } from './job.ts'
import { prepare } from './prepare.ts'

process.title = 'tsgun: acme'

const presented: { resolve: () => void } = { resolve: () => undefined }

process.on('message', (value) => {
  const order = readAcmeOrder(value)
  if (order?.type === 'task') void run(order)
  else if (order?.type === 'presented') presented.resolve()
})
// Of the terminal or a group: its master decides, and ends it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.once('disconnect', () => process.exit(0)) // without its master the challenges are not served

async function run(task: AcmeTask): Promise<void> {
  await send(await resultOf(task))
  process.exit(0)
}

async function resultOf(task: AcmeTask): Promise<AcmeReport> {
  try {
    checkVersion(task)
    if (task.job === 'order') return await orderUnlessCurrent(task, { report: send, present })
    await prepare(task)
    return { type: 'prepared' }
  } catch (error) {
    return { type: 'failed', reason: messageOf(error), retryAfter: 0, failures: 0 }
  }
}

/** Resolves when all workers serve these challenges. */
async function present(challenges: Extract<AcmeReport, { type: 'challenges' }>['challenges']): Promise<void> {
  const served = new Promise<void>((resolve) => {
    presented.resolve = resolve
  })
  await send({ type: 'challenges', challenges })
  await served
}

function send(report: AcmeReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) process.exit(0)
    process.send(report, () => resolve())
  })
}

/** Two versions may not understand each other: tsgun was replaced where the master runs from. */
function checkVersion({ version: masters }: AcmeTask): void {
  const version = ownVersion()
  if (version === masters) return
  throw new Error(
    `the tsgun in ${ownPackage} is ${version}, and its master is tsgun ${masters}: upgrade the master ` +
      '(kill -USR2, or tsgunctl upgrade)',
  )
}
