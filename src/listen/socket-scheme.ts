// What is spoken on a listening socket, by the entry of `bind` that it was opened for. Pure.

import { resolve } from 'node:path'
import { parseAddress, schemeOf, type Address, type Scheme } from './address.ts'
import type { Listener } from './listener.ts'
import { isAt, keyOf } from './same-address.ts'
import { isOneOf, isPerSlot } from './slots.ts'

type Socket = Pick<Listener, 'requested' | 'activation' | 'address'>

interface Entry {
  readonly address: Address
  readonly scheme: Scheme | undefined
}

/**
 * Returns the scheme of each socket. They are in the order of `bind`, those of slots last, unless systemd has
 * opened them. `usual`: what an entry without a scheme means, and a socket of systemd without an entry.
 */
export function schemesOf(
  sockets: readonly Socket[],
  bind: readonly string[],
  usual: Scheme,
): readonly Scheme[] {
  const entries = bind.map((text) => ({ address: parseAddress(text), scheme: schemeOf(text) }))
  const ofAll = entries.filter(({ address }) => !isPerSlot(address))
  return sockets.map((socket, place) => {
    const own = ofAll[place]
    return entryOf(socket, own === undefined ? entries : [own, ...entries])?.scheme ?? usual
  })
}

function entryOf(socket: Socket, entries: readonly Entry[]): Entry | undefined {
  return (
    entries.find(({ address }) => keyOf(address) === socket.requested) ??
    entries.find(({ address }) => isAt(socket, address) || isOfSlot(socket, address))
  )
}

function isOfSlot({ address: own }: Socket, address: Address): boolean {
  return address.kind === 'unix' && isOneOf(own, { ...address, path: resolve(address.path) })
}
