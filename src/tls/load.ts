// Runs in the arbiter and the command line: reads and checks all files of TLS. Loaded only when the settings
// have a certificate.

import { createHash, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { messageOf } from '../os/error-message.ts'
import { contextOptions } from './context-options.ts'
import { examinePair, problem, type Examined, type ServedCertificate } from './examine.ts'
import type { KeyPair, TlsFiles, TlsSettings } from './files.ts'
import type { CertificateMaterial, TlsMaterial } from './material.ts'
import { isCertificate, pemBlocks, whatIsIn } from './pem.ts'
import { TlsError, type TlsProblem } from './problem.ts'
import { readTlsFile, UnreadableFile, type ReadFile } from './read-file.ts'
import { expiryWarning } from './validity.ts'

/** Certificates that can be served. */
export interface LoadedTls {
  readonly material: TlsMaterial
  readonly certificates: readonly ServedCertificate[]
  readonly warnings: readonly string[]
  /** Differs when anything in the files does. */
  readonly digest: string
}

export type TlsModes = Pick<TlsSettings, 'cert_reqs' | 'ciphers' | 'tls_min_version'>

export interface LoadOptions {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Fingerprints of certificates that are served: these may have expired meanwhile. */
  readonly served?: readonly string[]
}

/** Rejects with a TlsError that has all problems. */
export async function loadTls(files: TlsFiles, modes: TlsModes, options: LoadOptions): Promise<LoadedTls> {
  const examined = await Promise.all(
    files.pairs.map(async (pair) => {
      const loaded = await loadPair(pair, options)
      return pair.isManaged ? ofStorage(loaded) : loaded
    }),
  )
  const ca = files.ca === undefined ? undefined : await loadAuthorities(files.ca)
  const problems = examined.flatMap((each) => each.problems)
  if (typeof ca === 'object') problems.push(ca)
  const certificates = examined.flatMap(({ certificate }) => certificate ?? [])
  if (problems.length > 0 || typeof ca === 'object') throw new TlsError(unique(problems))
  const material = { certificates: grouped(certificates), ca }
  tryContexts(material, certificates, modes)
  const digest = createHash('sha256').update(JSON.stringify(material)).digest('hex')
  const warnings = examined.flatMap((each) => each.warnings)
  const ending = certificates.flatMap(
    ({ certfile, isManaged, expires }) =>
      (isManaged ? undefined : expiryWarning(certfile, expires, options.now)) ?? [],
  )
  return { material, certificates, warnings: [...warnings, ...ending], digest }
}

async function loadPair(pair: KeyPair, { now, served = [] }: LoadOptions): Promise<Examined> {
  const [cert, key] = await Promise.all([
    attempt('certfile', pair.certfile),
    pair.keyfile === pair.certfile ? undefined : attempt('keyfile', pair.keyfile),
  ])
  const failed = [cert, key].filter((part): part is TlsProblem => part !== undefined && 'message' in part)
  if ('message' in cert || (key !== undefined && 'message' in key))
    return { certificate: undefined, problems: failed, warnings: [] }
  const examined = examinePair(pair, { cert: cert.bytes, key: (key ?? cert).bytes }, { now, served })
  if (examined.certificate === undefined || !(key ?? cert).isOpenToAll) return examined
  const { keyfile } = pair
  const open = `every user of this machine may read the private key ${keyfile}; chmod 600 ${keyfile}`
  return { ...examined, warnings: [...examined.warnings, open] }
}

/** The file is no setting of the user. */
function ofStorage(examined: Examined): Examined {
  const problems = examined.problems.map(({ message }) => ({
    setting: 'acme' as const,
    message: `${message}; remove it to order the certificate again`,
  }))
  return { ...examined, problems }
}

async function attempt(setting: TlsProblem['setting'], path: string): Promise<ReadFile | TlsProblem> {
  try {
    return await readTlsFile(path)
  } catch (error) {
    if (error instanceof UnreadableFile) return problem(setting, path, `cannot be read: ${error.message}`)
    throw error
  }
}

async function loadAuthorities(path: string): Promise<string | TlsProblem> {
  const file = await attempt('ca_certs', path)
  if ('message' in file) return file
  const blocks = pemBlocks(file.bytes.toString('latin1')).filter(isCertificate)
  if (blocks.length === 0) return problem('ca_certs', path, `has no certificate: ${whatIsIn(file.bytes)}`)
  for (const [place, { text }] of blocks.entries()) {
    try {
      new X509Certificate(text)
    } catch (error) {
      return problem('ca_certs', path, `certificate ${place + 1} in it is damaged: ${messageOf(error)}`)
    }
  }
  return blocks.map(({ text }) => text).join('')
}

/** One certificate with an RSA key and one with an EC key for the same names serve all clients together. */
function grouped(certificates: readonly ServedCertificate[]): readonly CertificateMaterial[] {
  const groups: ServedCertificate[][] = []
  for (const each of certificates) {
    const group = groups.find(
      (others) =>
        sameNames(others[0]?.names ?? [], each.names) && others.every(({ kind }) => kind !== each.kind),
    )
    if (group === undefined) groups.push([each])
    else group.push(each)
  }
  return groups.map((group) => ({
    names: group[0]?.names ?? [],
    cert: group.map(({ cert }) => cert),
    key: group.map(({ key }) => key),
  }))
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name))
}

/** OpenSSL has rules of its own, such as how long a key has to be. */
function tryContexts(
  material: TlsMaterial,
  certificates: readonly ServedCertificate[],
  modes: TlsModes,
): void {
  if (modes.ciphers !== null) tryCiphers(modes)
  for (const each of material.certificates) {
    try {
      createSecureContext(contextOptions(material, each, modes))
    } catch (error) {
      const paths = certificates
        .filter(({ cert }) => each.cert.includes(cert))
        .map(({ certfile }) => certfile)
      throw new TlsError([
        problem('certfile', paths.join(', '), `is refused by OpenSSL: ${messageOf(error)}`),
      ])
    }
  }
}

function tryCiphers({ ciphers, tls_min_version: minVersion }: TlsModes): void {
  try {
    createSecureContext({ ciphers: ciphers ?? undefined, minVersion })
  } catch (error) {
    const got = `expected a cipher list of OpenSSL; got "${ciphers ?? ''}": ${messageOf(error)}`
    const message = `${got}; \`openssl ciphers -v\` lists them`
    throw new TlsError([{ setting: 'ciphers', message }])
  }
}

function unique(problems: readonly TlsProblem[]): readonly TlsProblem[] {
  return [...new Map(problems.map((each) => [each.message, each])).values()]
}
