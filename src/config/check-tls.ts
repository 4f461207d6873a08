// Runs in the arbiter: the settings of TLS against each other. Pure.

import { schemeOf } from '../listen/address.ts'
import { listOf } from './settings/list-of.ts'
import type { SettingName, Settings } from './settings/table.ts'

export interface TlsConflict {
  readonly name: SettingName
  readonly message: string
  readonly others: readonly SettingName[]
}

type Relevant = Pick<Settings, 'bind' | 'certfile' | 'keyfile' | 'ca_certs' | 'cert_reqs'>

export function tlsConflicts({
  bind,
  certfile,
  keyfile,
  ca_certs,
  cert_reqs,
}: Relevant): readonly TlsConflict[] {
  const found: TlsConflict[] = []
  const secure = listOf(bind).find((address) => schemeOf(address) === 'https')
  if (certfile === null && secure !== undefined)
    found.push({
      name: 'bind',
      message: `expected \`certfile\` to be set too, because "${secure}" needs a certificate`,
      others: ['certfile'],
    })
  if (certfile === null && keyfile !== null)
    found.push({
      name: 'keyfile',
      message: 'expected `certfile` to be set too: the certificate of this key',
      others: ['certfile'],
    })
  const [certificates, keys] = [listOf(certfile ?? []).length, listOf(keyfile ?? []).length]
  if (certificates > 0 && keys > 0 && certificates !== keys)
    found.push({
      name: 'keyfile',
      message: `expected one key for each \`certfile\`, in their order; got ${keys} for ${certificates}`,
      others: ['certfile'],
    })
  if (cert_reqs !== 'none' && ca_certs === null)
    found.push({
      name: 'cert_reqs',
      message: `expected \`ca_certs\` to be set too, the authorities of the clients, for "${cert_reqs}"`,
      others: ['ca_certs'],
    })
  return found
}
