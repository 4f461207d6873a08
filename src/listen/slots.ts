// One socket for each worker slot: `unix:/run/app.{nr}.sock` is /run/app.0.sock for the worker in slot 0, and
// so on, for a proxy that chooses the worker. Pure; used by the settings table, the arbiter and the doctor.

import { addressProblem, type Address } from './address.ts'

/** Stands for the number of the slot. */
const mark = '{nr}'

/** The slot with which the length of a path is checked. */
const widestSlot = 999

/** Returns what is wrong with a `bind` address, which may be one per slot; or undefined. */
export function bindProblem(text: string): string | undefined {
  const unknown = /\{[^{}]*\}/.exec(text.replaceAll(mark, ''))?.[0]
  if (unknown !== undefined) return `unknown placeholder "${unknown}": there is only "${mark}"`
  if (text.includes(mark) && !/^(?:https?\+)?unix:/i.test(text))
    return `"${mark}" is only for the path of a unix socket, such as "unix:/run/app.${mark}.sock"`
  return addressProblem(pathOfSlot(text, widestSlot))
}

/** Whether each slot has its own socket for this address. */
export function isPerSlot(address: Address): boolean {
  return address.kind === 'unix' && address.path.includes(mark)
}

/** Returns the address of the socket of a slot. */
export function addressOfSlot(address: Address, nr: number): Address {
  return address.kind === 'unix' ? { ...address, path: pathOfSlot(address.path, nr) } : address
}

export interface BindPlace {
  readonly address: Address
  /** The slot whose worker alone accepts there; undefined: all workers do. */
  readonly slot: number | undefined
}

/** Returns what a server with this number of workers binds for the addresses. */
export function bindPlaces(addresses: readonly Address[], workers: number): readonly BindPlace[] {
  const places = (address: Address): readonly BindPlace[] =>
    Array.from({ length: workers }, (_, slot) => ({ address: addressOfSlot(address, slot), slot }))
  return addresses.flatMap((address) =>
    isPerSlot(address) ? places(address) : [{ address, slot: undefined }],
  )
}

/** Whether an address is that of a slot. */
export function isOneOf(address: Address, perSlot: Address): boolean {
  if (address.kind !== 'unix' || perSlot.kind !== 'unix') return false
  const literals = perSlot.path.split(mark).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const nr = new RegExp(`^${literals.join('(\\d+)')}$`).exec(address.path)?.[1]
  return nr !== undefined && pathOfSlot(perSlot.path, Number(nr)) === address.path
}

function pathOfSlot(path: string, nr: number): string {
  return path.replaceAll(mark, String(nr))
}
