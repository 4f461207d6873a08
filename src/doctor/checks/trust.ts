// Settings that believe everyone who can connect. Pure.

import type { Settings } from '../../config/settings/table.ts'
import { formatAddress, type Address } from '../../listen/address.ts'
import { warning, type Finding } from '../findings/finding.ts'

export type TrustSettings = Pick<Settings, 'forwarded_allow_ips' | 'proxy_protocol' | 'proxy_allow_ips'>

/** `addresses`: of `bind`. */
export function checkTrust(addresses: readonly Address[], settings: TrustSettings): Finding[] {
  const reached = addresses.filter((address) => isReached(address)).map(formatAddress)
  if (reached.length === 0) return []
  const lists = [
    settings.forwarded_allow_ips.includes('*') ? ['forwarded_allow_ips', 'X-Forwarded-For'] : [],
    settings.proxy_protocol !== 'off' && settings.proxy_allow_ips.includes('*')
      ? ['proxy_allow_ips', 'the PROXY protocol']
      : [],
  ]
  return lists.flatMap(([setting, means]) =>
    setting === undefined
      ? []
      : [
          warning(
            setting,
            `"*" believes everyone who can connect to ${reached.join(', ')}: a client can make up its ` +
              `address with ${means}`,
            `${setting}: the addresses of the proxies, such as '10.0.0.0/8'`,
          ),
        ],
  )
}

/** From other machines. */
function isReached(address: Address): boolean {
  return address.kind === 'tcp' && !/^(?:127\.|localhost$|::1$)/.test(address.host)
}
