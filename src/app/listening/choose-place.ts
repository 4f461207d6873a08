// Runs in a worker: which address of `bind` a server of the app gets instead of the one on which it wants to
// listen. Pure.

import type { BindAddress } from './bind-address.ts'
import type { ListenRequest } from './request.ts'

/** What the servers of the app that listen already have got. */
export interface Given {
  /** The index of the address; `first`: it named none, and was the first; `none`: another server has its. */
  readonly place: number | 'first' | 'none'
  readonly port: number | undefined
  readonly path: string | undefined
}

export type Choice =
  | { readonly is: 'given'; readonly place: Given['place'] }
  /** A real socket of its own. */
  | { readonly is: 'own' }
  /** Only one process could listen there. */
  | { readonly is: 'refused' }

export function choosePlace(
  { port, path, isNamed }: Pick<ListenRequest, 'port' | 'path' | 'isNamed'>,
  binds: readonly BindAddress[],
  given: readonly Given[],
): Choice {
  if (isNamed && port === 0) return { is: 'own' } // each worker gets another free port
  const place = binds.findIndex((bind) => (path === undefined ? bind.port === port : bind.path === path))
  if (given.some((each) => (place >= 0 ? each.place === place : each.port === port && each.path === path)))
    return { is: 'given', place: 'none' }
  if (place >= 0) return { is: 'given', place }
  // `--check-config` opens no sockets, and so cannot judge.
  if (given.length === 0 || binds.length === 0) return { is: 'given', place: 'first' }
  // A path may be one of this process alone; if it is not, Node's error says so.
  return path === undefined ? { is: 'refused' } : { is: 'own' }
}

/**
 * Returns the server that was the first, when each address of `bind` has since been taken by a server that
 * names it.
 */
export function displaced<Server extends Given>(
  binds: readonly BindAddress[],
  given: readonly Server[],
): Server | undefined {
  const taken = new Set(given.map(({ place }) => place).filter((place) => typeof place === 'number'))
  return binds.length > 0 && taken.size === binds.length
    ? given.find(({ place }) => place === 'first')
    : undefined
}
