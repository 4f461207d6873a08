// Runs in the arbiter: whether an open socket is that of an address of `bind`. Pure.

import { resolve } from 'node:path'
import { formatAddress, type Address } from './address.ts'
import type { Listener } from './listener.ts'

/** Returns the normalized address: `./a.sock` and `/srv/a.sock` may be the same file. */
export function keyOf(address: Address): string {
  return formatAddress(address.kind === 'unix' ? { ...address, path: resolve(address.path) } : address)
}

/** Whether a socket is the one at this address. */
export function isAt(
  { requested, activation, address: own }: Pick<Listener, 'requested' | 'activation' | 'address'>,
  address: Address,
): boolean {
  if (address.kind === 'name') return activation === address.name
  return keyOf(address) === requested || keyOf(address) === keyOf(own)
}

/**
 * Whether `[::]` must leave IPv4 to another socket: on Linux it takes IPv4 connections too, so that `0.0.0.0`
 * with the same port would be in use.
 */
export function hasTwin(address: Address, addresses: readonly Address[]): boolean {
  return (
    address.kind === 'tcp' &&
    address.port !== 0 &&
    addresses.some(
      (other) => other.kind === 'tcp' && other.port === address.port && other.host !== address.host,
    )
  )
}
