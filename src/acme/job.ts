// Runs in the process that orders a certificate: the whole job. Of several masters with one storage, on this
// machine or on others, one at a time orders; the next one finds its certificate.

import acme from 'acme-client'
import type { AcmeOrderTask, AcmeReport } from '../ipc/acme-messages.ts'
import { messageOf } from '../os/error-message.ts'
import { isDue, type CertificateLife } from '../tls/acme-due.ts'
import { certificateLife } from '../tls/acme-life.ts'
import { AuthorityError } from './authority-error.ts'
import { AcmeConnection } from './client.ts'
import { noteFailure, readFailures } from './failures.ts'
import { obtain, type OrderOptions } from './order.ts'
import { prepare } from './prepare.ts'
import { createFile, lockFor, readIfThere, removeFile, replaceFile } from './storage.ts'

export interface JobParts {
  readonly report: (report: AcmeReport) => Promise<void>
  readonly present: OrderOptions['present']
}

/** Rejects with the reason why there is no certificate. */
export async function orderUnlessCurrent(task: AcmeOrderTask, parts: JobParts): Promise<AcmeReport> {
  const { places, domains, jitter } = task
  await prepare(task)
  if (lockFor(places.lock) === 'held') return { type: 'busy' }
  const now = Date.now()
  const life = certificateLife(readIfThere(places.certificate) ?? '')
  if (!isDue(life, domains, { now, jitter })) return { type: 'current' }
  const { failures, notBefore } = readFailures(places.failure)
  if (now < notBefore) return { type: 'paused', wait: notBefore - now }
  await parts.report({ type: 'ordering' })
  try {
    const { from, expires } = await order(task, parts)
    removeFile(places.failure)
    return { type: 'obtained', from, expires }
  } catch (error) {
    const retryAfter = error instanceof AuthorityError ? error.retryAfter : 0
    noteFailure(places.failure, { failures: failures + 1, retryAfter, now: Date.now() })
    return { type: 'failed', reason: messageOf(error), retryAfter, failures: failures + 1 }
  }
}

async function order(task: AcmeOrderTask, { present }: JobParts): Promise<CertificateLife> {
  const { places, domains, email, challenges, directory, version } = task
  const { directoryCa, externalAccount } = places
  const accountKey =
    readIfThere(places.account) ??
    createFile(places.account, (await acme.crypto.createPrivateEcdsaKey('P-256')).toString())
  const connection = new AcmeConnection({
    directory,
    directoryCa,
    externalAccount,
    accountKey,
    version,
  })
  const { client } = connection
  const { key, chain, life } = await connection.during(() =>
    obtain({ client, email, domains, challenges, present }),
  )
  replaceFile(places.certificate, `${key.trimEnd()}\n${chain.trimEnd()}\n`)
  return life
}
