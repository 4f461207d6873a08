// Runs in the process that orders a certificate: the whole job. Of several masters with one storage, on this
// machine or on others, one at a time orders; the next one finds its certificate.

import acme from 'acme-client'
import type { AcmeReport, AcmeTask } from '../ipc/acme-messages.ts'
import { isDue, shortestPause, type CertificateLife } from '../tls/acme-due.ts'
import { certificateLife } from '../tls/acme-life.ts'
import { AcmeConnection } from './client.ts'
import { obtain, type OrderOptions } from './order.ts'
import { prepare } from './prepare.ts'
import { ageOf, createFile, lockFor, readIfThere, removeFile, replaceFile } from './storage.ts'

export interface JobParts {
  readonly report: (report: AcmeReport) => Promise<void>
  readonly present: OrderOptions['present']
}

/** Rejects with the reason why there is no certificate. */
export async function orderUnlessCurrent(task: AcmeTask, parts: JobParts): Promise<AcmeReport> {
  const { places, domains, jitter } = task
  await prepare(task)
  if (lockFor(places.lock) === 'held') return { type: 'busy' }
  const now = Date.now()
  const life = certificateLife(readIfThere(places.certificate) ?? '')
  if (!isDue(life, domains, { now, jitter })) return { type: 'current' }
  const age = ageOf(places.failure, now) ?? shortestPause
  if (age >= 0 && age < shortestPause) return { type: 'paused', wait: shortestPause - age }
  await parts.report({ type: 'ordering' })
  try {
    const { from, expires } = await order(task, parts)
    removeFile(places.failure)
    return { type: 'obtained', from, expires }
  } catch (error) {
    replaceFile(places.failure, '')
    throw error
  }
}

async function order(task: AcmeTask, { present }: JobParts): Promise<CertificateLife> {
  const { places, domains, email, challenges, directory, version } = task
  const { directoryCa } = places
  const accountKey =
    readIfThere(places.account) ??
    createFile(places.account, (await acme.crypto.createPrivateEcdsaKey('P-256')).toString())
  const connection = new AcmeConnection({ directory, directoryCa, accountKey, version })
  const { client } = connection
  const { key, chain, life } = await connection.during(() =>
    obtain({ client, email, domains, challenges, present }),
  )
  replaceFile(places.certificate, `${key.trimEnd()}\n${chain.trimEnd()}\n`)
  return life
}
