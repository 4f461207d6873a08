// Runs in the arbiter and the command line: which files the settings name for TLS. Pure.

import { resolve } from 'node:path'
import { acmePlaces, type AcmeSettings } from './acme-settings.ts'
import type { ClientMode, MinVersion } from './modes.ts'

/** The settings of TLS. */
export interface TlsSettings {
  readonly certfile: string | readonly string[] | null
  readonly keyfile: string | readonly string[] | null
  readonly acme: AcmeSettings | null
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
  /** The server gets it by itself (`acme`): one that has expired is served until there is another one. */
  readonly isManaged?: boolean
}

export interface TlsFiles {
  readonly pairs: readonly KeyPair[]
  readonly ca: string | undefined
}

/** Returns undefined when the server speaks no TLS. `directory`: where relative paths start. */
export function tlsFiles(settings: TlsSettings, directory: string): TlsFiles | undefined {
  const { certfile, keyfile, acme, ca_certs, cert_reqs } = settings
  const [certificates, keys] = [listed(certfile), listed(keyfile)]
  if (!speaksTls(settings)) return undefined
  const pairs = certificates.map((path, place) => ({
    certfile: resolve(directory, path),
    keyfile: resolve(directory, keys[place] ?? path),
  }))
  const ca = ca_certs === null || cert_reqs === 'none' ? undefined : resolve(directory, ca_certs)
  return { pairs: acme === null ? pairs : [managedPair(acme, directory)], ca }
}

function managedPair(acme: AcmeSettings, directory: string): KeyPair {
  const { certificate } = acmePlaces(acme, directory)
  return { certfile: certificate, keyfile: certificate, isManaged: true }
}

/** Whether the server has a certificate, and an address without a scheme means HTTPS. */
export function speaksTls({ certfile, acme }: Pick<TlsSettings, 'certfile' | 'acme'>): boolean {
  return listed(certfile).length > 0 || acme !== null
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
