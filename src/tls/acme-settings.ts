// The setting `acme`: how a certificate is ordered (RFC 8555), and where it is kept. Any process; pure.

import { join, resolve } from 'node:path'

/** How a server shows that it has a name: over HTTP (RFC 8555, 8.3), or in a handshake of TLS (RFC 8737). */
export const challengeTypes = ['http-01', 'tls-alpn-01'] as const
export type ChallengeType = (typeof challengeTypes)[number]

/** Short names for URLs. */
export const acmeDirectories = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
} as const

export interface AcmeSettings {
  readonly email: string | null
  /** In lower case, each once. */
  readonly domains: readonly string[]
  /** A URL. */
  readonly directory: string
  readonly storage: string
  readonly challenge: ChallengeType | null
  readonly directory_ca: string | null
  readonly external_account: string | null
}

/** Absolute paths. */
export interface AcmePlaces {
  readonly storage: string
  /** What belongs to one directory of ACME, below `storage`. */
  readonly folder: string
  /** The key of the account. */
  readonly account: string
  /** The key and the certificate with its chain, in one file: so both change at once. */
  readonly certificate: string
  /** One process at a time orders for these names. */
  readonly lock: string
  /** The authority of the directory's own server; null for those that Node.js knows. */
  readonly directoryCa: string | null
  /** The account of a customer of the authority; null without one. */
  readonly externalAccount: string | null
  /** How often it has failed since the last success, and until when no process tries again. */
  readonly failure: string
}

/** `base`: where relative paths start. */
export function acmePlaces(
  { storage, directory, domains, directory_ca, external_account }: AcmeSettings,
  base: string,
): AcmePlaces {
  const root = resolve(base, storage)
  const folder = join(root, folderOf(directory))
  const name = join(folder, nameOf(domains))
  return {
    storage: root,
    folder,
    account: join(folder, 'account.key'),
    certificate: `${name}.pem`,
    lock: `${name}.lock`,
    failure: `${name}.failed`,
    directoryCa: directory_ca === null ? null : resolve(base, directory_ca),
    externalAccount: external_account === null ? null : resolve(base, external_account),
  }
}

/** `acme-v02.api.letsencrypt.org-directory`, as certbot has it. */
function folderOf(directory: string): string {
  const { host, pathname } = new URL(directory)
  return `${host}${pathname}`.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-')
}

/** Other names are another certificate: the one before is served until that is there. */
function nameOf(domains: readonly string[]): string {
  const [first = ''] = domains
  return `${first}-${digestOf([...domains].sort().join(' '))}`
}

/** FNV-1a, in 8 hexadecimal digits. node:crypto would be loaded at each start for it. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

/** Which challenges this server can answer, the better one first. */
export function usableChallenges(
  { challenge }: Pick<AcmeSettings, 'challenge'>,
  hasPlainAddress: boolean,
): readonly ChallengeType[] {
  if (challenge !== null) return [challenge]
  return hasPlainAddress ? ['tls-alpn-01', 'http-01'] : ['tls-alpn-01']
}
