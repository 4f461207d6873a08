// Runs in a worker: whether an address is in a list such as `forwarded_allow_ips`.

import { BlockList, isIP } from 'node:net'
import { parseRange } from '../../config/settings/address-range.ts'

/** Verdicts that are kept: net.BlockList needs a microsecond for each address. */
const mostVerdicts = 1000

export class TrustedAddresses {
  readonly #ranges = new BlockList()
  readonly #isAny: boolean
  readonly #isEmpty: boolean
  readonly #verdicts = new Map<string, boolean>()

  constructor(entries: readonly string[]) {
    const ranges = entries.map(parseRange)
    this.#isAny = ranges.some(({ kind }) => kind === 'any')
    this.#isEmpty = ranges.length === 0
    for (const range of ranges)
      if (range.kind === 'range') this.#ranges.addSubnet(range.address, range.bits, range.family)
  }

  /**
   * Whether the peer of a connection is trusted; undefined is one of a unix socket. As in gunicorn those are
   * trusted: the permissions of the socket say who may connect. An empty list trusts none.
   */
  hasPeer(address: string | undefined): boolean {
    return address === undefined ? !this.#isEmpty : this.has(address)
  }

  /** `address`: as Node or `parseNode` give it. Text that is no address is not trusted. */
  has(address: string): boolean {
    if (this.#isAny) return true
    const known = this.#verdicts.get(address)
    if (known !== undefined) return known
    const verdict = this.#check(address)
    if (this.#verdicts.size >= mostVerdicts) this.#verdicts.clear()
    this.#verdicts.set(address, verdict)
    return verdict
  }

  #check(address: string): boolean {
    const version = isIP(address)
    return version !== 0 && this.#ranges.check(address, version === 4 ? 'ipv4' : 'ipv6')
  }
}
