// Runs in the arbiter and the command line: which files the settings name for TLS. Pure.

import { resolve } from 'node:path'
import type { ClientMode, MinVersion } from './modes.ts'

/** The settings of TLS. */
export interface TlsSettings {
  readonly certfile: string | readonly string[] | null
  readonly keyfile: string | readonly string[] | null
  readonly ca_certs: string | null
  readonly cert_reqs: ClientMode
  readonly ciphers: string | null
  readonly tls_min_version: MinVersion
}

/** Absolute paths. */
export interface KeyPair {
  readonly certfile: string
  /** The same file if that has the key too. */
  readonly keyfile: string
}

export interface TlsFiles {
  readonly pairs: readonly KeyPair[]
  readonly ca: string | undefined
}

/** Returns undefined when the server speaks no TLS. `directory`: where relative paths start. */
export function tlsFiles(
  { certfile, keyfile, ca_certs, cert_reqs }: TlsSettings,
  directory: string,
): TlsFiles | undefined {
  const [certificates, keys] = [listed(certfile), listed(keyfile)]
  if (certificates.length === 0) return undefined
  const pairs = certificates.map((path, place) => ({
    certfile: resolve(directory, path),
    keyfile: resolve(directory, keys[place] ?? path),
  }))
  const ca = ca_certs === null || cert_reqs === 'none' ? undefined : resolve(directory, ca_certs)
  return { pairs, ca }
}

/** Every file, each once. */
export function allFiles({ pairs, ca }: TlsFiles): readonly string[] {
  const paths = pairs.flatMap(({ certfile, keyfile }) => [certfile, keyfile])
  return [...new Set(ca === undefined ? paths : [...paths, ca])]
}

export function listed(value: string | readonly string[] | null): readonly string[] {
  if (value === null) return []
  return typeof value === 'string' ? [value] : value
}
