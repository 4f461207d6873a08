// Runs in the process that orders a certificate: there is always something to serve. Before the first
// certificate for these names that is another one with most of them, or one that the server signs itself.

import { KeyObject, webcrypto } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import type { AcmeTask } from '../ipc/acme-messages.ts'
import { certificateLife } from '../tls/acme-life.ts'
import { createFile, makeFolders, readIfThere } from './storage.ts'

/** Milliseconds. No client trusts it; one that ignores this should not have to ignore its dates too. */
const validity = 365 * 86_400_000

export async function prepare({ places, domains }: Pick<AcmeTask, 'places' | 'domains'>): Promise<void> {
  makeFolders(places)
  if (readIfThere(places.certificate) !== undefined) return
  createFile(places.certificate, bestOf(places.folder, domains) ?? (await placeholder(domains)))
}

/** The file of another certificate that has most of these names, and is valid. */
function bestOf(folder: string, domains: readonly string[]): string | undefined {
  const now = Date.now()
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.pem'))
    .map((name) => readIfThere(join(folder, name)) ?? '')
    .map((text) => ({ text, score: scoreOf(text, domains, now) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
  return found[0]?.text
}

function scoreOf(text: string, domains: readonly string[], now: number): number {
  const life = certificateLife(text)
  if (life === undefined || life.isPlaceholder || now >= life.expires) return 0
  return domains.filter((domain) => life.names.includes(domain)).length
}

/** A key and a certificate that it has signed itself, in PEM. */
async function placeholder(domains: readonly string[]): Promise<string> {
  x509.cryptoProvider.set(webcrypto)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const now = Date.now()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${domains[0] ?? ''}, O=tsgun placeholder`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(now),
    notAfter: new Date(now + validity),
    extensions: [new x509.SubjectAlternativeNameExtension(domains.map((value) => ({ type: 'dns', value })))],
  })
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' })
  return `${key.toString()}${certificate.toString('pem')}\n`
}
