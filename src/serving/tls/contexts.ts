// Runs in a worker: the options of its certificates, each with the names that it is for.

import type { SecureContextOptions } from 'node:tls'
import { contextOptions } from '../../tls/context-options.ts'
import type { TlsSettings } from '../../tls/files.ts'
import type { WorkerTls } from '../../tls/material.ts'

export type ServedModes = Pick<TlsSettings, 'cert_reqs' | 'ciphers' | 'tls_min_version'>

/** The hook ssl_context; without it the options stay as they are. */
export type Customise = (options: SecureContextOptions) => Promise<SecureContextOptions>

export interface NamedContext {
  readonly names: readonly string[]
  readonly options: SecureContextOptions & { readonly ticketKeys: Buffer }
}

/** Returns the first one first. Rejects when the hook fails. */
export async function makeContexts(
  { material, ticketKeys: keys }: WorkerTls,
  modes: ServedModes,
  customise: Customise,
): Promise<readonly NamedContext[]> {
  const ticketKeys = Buffer.from(keys, 'base64')
  const contexts: NamedContext[] = []
  for (const each of material.certificates) {
    const options = await customise(contextOptions(material, each, modes))
    contexts.push({ names: each.names, options: { ...options, ticketKeys } })
  }
  return contexts
}
