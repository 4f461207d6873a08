// Runs in the arbiter and the command line: whether a certificate and a key can be used together, now. Pure
// but for the parsers of node:crypto.

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { messageOf } from '../os/error-message.ts'
import type { CertificateLife } from './acme-due.ts'
import { lifeOf } from './acme-life.ts'
import type { KeyPair } from './files.ts'
import { isCertificate, isEncrypted, isKey, pemBlocks, whatIsIn } from './pem.ts'
import type { TlsProblem } from './problem.ts'
import { chainWarnings, validityProblem } from './validity.ts'

/** A certificate that can be served. */
export interface ServedCertificate extends CertificateLife {
  readonly certfile: string
  /** See KeyPair. */
  readonly isManaged: boolean
  /** `rsa`, `ec`, … */
  readonly kind: string
  /** The whole chain, in PEM. */
  readonly cert: string
  readonly key: string
  readonly fingerprint: string
}

export interface Examined {
  /** Undefined when there are problems. */
  readonly certificate: ServedCertificate | undefined
  readonly problems: readonly TlsProblem[]
  readonly warnings: readonly string[]
}

export interface PairTexts {
  readonly cert: Buffer
  readonly key: Buffer
}

export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Fingerprints of certificates that may have expired. */
  readonly served: readonly string[]
}

export function examinePair(paths: KeyPair, { cert, key }: PairTexts, { now, served }: Moment): Examined {
  const chain = parseChain(paths.certfile, cert)
  const privateKey = parseKey(paths, key)
  const [leaf] = Array.isArray(chain) ? chain : []
  const problems = [chain, privateKey].filter((part): part is TlsProblem => 'message' in part)
  if (leaf === undefined || !Array.isArray(chain) || 'message' in privateKey) return refused(problems)
  const mismatch = misfit(paths, chain, privateKey.key)
  const isManaged = paths.isManaged ?? false
  const invalid =
    isManaged || served.includes(leaf.fingerprint256) ? undefined : validityProblem(paths.certfile, leaf, now)
  if (mismatch !== undefined || invalid !== undefined)
    return refused([mismatch, invalid].filter((problem) => problem !== undefined))
  const certificate = {
    certfile: paths.certfile,
    isManaged,
    ...lifeOf(leaf),
    kind: leaf.publicKey.asymmetricKeyType ?? 'unknown',
    cert: chain.map((each) => each.toString()).join(''),
    key: privateKey.text,
    fingerprint: leaf.fingerprint256,
  }
  return { certificate, problems: [], warnings: isManaged ? [] : chainWarnings(paths.certfile, chain, now) }
}

const refused = (problems: readonly TlsProblem[]): Examined => ({
  certificate: undefined,
  problems,
  warnings: [],
})

function parseChain(path: string, bytes: Buffer): X509Certificate[] | TlsProblem {
  const blocks = pemBlocks(bytes.toString('latin1')).filter(isCertificate)
  if (blocks.length === 0) return problem('certfile', path, `has no certificate: ${whatIsIn(bytes)}`)
  const chain: X509Certificate[] = []
  for (const { text } of blocks) {
    try {
      chain.push(new X509Certificate(text))
    } catch (error) {
      return problem(
        'certfile',
        path,
        `certificate ${chain.length + 1} in it is damaged: ${messageOf(error)}`,
      )
    }
  }
  return chain
}

interface ParsedKey {
  readonly key: KeyObject
  readonly text: string
}

function parseKey({ certfile, keyfile }: KeyPair, bytes: Buffer): ParsedKey | TlsProblem {
  const block = pemBlocks(bytes.toString('latin1')).find(isKey)
  if (block === undefined) {
    return certfile === keyfile
      ? problem('keyfile', certfile, 'has no private key; name the file of the key in `keyfile`')
      : problem('keyfile', keyfile, `has no private key: ${whatIsIn(bytes)}`)
  }
  if (isEncrypted(block))
    return problem(
      'keyfile',
      keyfile,
      'is protected by a passphrase, which a server cannot type; write the key without one: ' +
        'openssl pkey -in OLD -out NEW, readable by the user of the master only',
    )
  try {
    return { key: createPrivateKey(block.text), text: block.text }
  } catch (error) {
    return problem('keyfile', keyfile, `holds a damaged private key: ${messageOf(error)}`)
  }
}

function misfit(
  { certfile, keyfile }: KeyPair,
  chain: readonly X509Certificate[],
  key: KeyObject,
): TlsProblem | undefined {
  const place = chain.findIndex((each) => each.checkPrivateKey(key))
  if (place === 0) return undefined
  if (place > 0)
    return problem(
      'certfile',
      certfile,
      `has the certificate of the key at place ${place + 1}; put the certificate of the server first, then ` +
        'those that issued it',
    )
  const own = certfile === keyfile ? 'the private key in it' : `the key ${keyfile}`
  return problem(
    'certfile',
    certfile,
    `does not belong to ${own}; name the certificate and the key of one request`,
  )
}

export function problem(setting: TlsProblem['setting'], path: string, message: string): TlsProblem {
  return { setting, message: `${path} ${message}` }
}
