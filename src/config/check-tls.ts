// Runs in the arbiter: the settings of TLS against each other. Pure.

import { schemeOf } from '../listen/address.ts'
import { listOf } from './settings/list-of.ts'
import type { SettingName, Settings } from './settings/table.ts'

export interface TlsConflict {
  readonly name: SettingName
  readonly message: string
  readonly others: readonly SettingName[]
}

type Relevant = Pick<Settings, 'bind' | 'certfile' | 'keyfile' | 'acme' | 'ca_certs' | 'cert_reqs'>

export function tlsConflicts(settings: Relevant): readonly TlsConflict[] {
  return [...fileConflicts(settings), ...acmeConflicts(settings)]
}

function fileConflicts({
  bind,
  certfile,
  keyfile,
  acme,
  ca_certs,
  cert_reqs,
}: Relevant): readonly TlsConflict[] {
  const found: TlsConflict[] = []
  const secure = listOf(bind).find((address) => schemeOf(address) === 'https')
  if (certfile === null && acme === null && secure !== undefined)
    found.push({
      name: 'bind',
      message: `expected \`certfile\` or \`acme\` to be set too, because "${secure}" needs a certificate`,
      others: ['certfile', 'acme'],
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

function acmeConflicts({ bind, certfile, acme }: Relevant): readonly TlsConflict[] {
  if (acme === null) return []
  const found: TlsConflict[] = []
  if (certfile !== null)
    found.push({
      name: 'acme',
      message: 'expected either `acme` or `certfile`: one of them says where the certificate comes from',
      others: ['certfile'],
    })
  const schemes = listOf(bind).map(schemeOf)
  if (schemes.every((scheme) => scheme === 'http'))
    found.push({
      name: 'acme',
      message: 'expected an address in `bind` that does not begin with `http://`, to serve the certificate',
      others: ['bind'],
    })
  if (acme.challenge === 'http-01' && !schemes.includes('http'))
    found.push({
      name: 'acme',
      message:
        'expected an address in `bind` that begins with `http://`, which the authority reaches at port 80, ' +
        'because `challenge` is "http-01"',
      others: ['bind'],
    })
  return found
}
