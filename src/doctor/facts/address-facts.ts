// Whether each address of `bind` can be bound now: a TCP socket is bound for a moment, and never listens. A
// unix socket is only looked at.

import { lookup } from 'node:dns/promises'
import { resolve } from 'node:path'
import { formatAddress, parseAddress, type Address } from '../../listen/address.ts'
import { explain } from '../../listen/bind-error.ts'
import { errorCode } from '../../os/error-code.ts'
import { holderOfPath, holderOfPort, type Holder } from '../../os/process/socket-holders.ts'
import { bindTcp } from '../../os/system/handles.ts'
import { within } from '../../os/system/within.ts'

export interface AddressFacts {
  /** As the user writes it. */
  readonly address: string
  /** The process that has it; undefined when it is free. */
  readonly holder: Holder | undefined
  /** Why it cannot be bound, other than that it is in use. */
  readonly problem: string | undefined
}

/** Milliseconds for the look-up of a host name. */
const lookupTimeout = 5000

export async function addressFacts(text: string, directory: string): Promise<AddressFacts> {
  const address = parseAddress(text)
  const free = { address: formatAddress(address), holder: undefined, problem: undefined }
  if (address.kind === 'unix') return { ...free, holder: holderOfPath(resolve(directory, address.path)) }
  return address.kind === 'tcp' && address.port !== 0 ? { ...free, ...(await tcpFacts(address)) } : free
}

async function tcpFacts(address: Extract<Address, { kind: 'tcp' }>): Promise<Partial<AddressFacts>> {
  try {
    const found = await within(lookup(address.host), lookupTimeout)
    if (found === undefined) return { problem: explain(address, { code: 'EAI_AGAIN' }) }
    const { address: host, family } = found
    bindTcp({ host, port: address.port, family: family === 6 ? 6 : 4, onlyItsFamily: false }).close()
    return {}
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE')
      return { holder: holderOfPort(address.port) ?? { pid: undefined, title: '' } }
    return { problem: explain(address, error) }
  }
}
