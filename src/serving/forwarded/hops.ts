// Runs in a worker: walks the path of a request from this server towards the client. Each trusted proxy says
// who is behind it; the first address that is not trusted is the client. What stands before it in a header
// may be made up by the client. Pure.

import { parseNode, type Node } from './client.ts'

export interface Walk {
  /** Undefined when the last proxy does not say, or hides it: then only its own address is known. */
  readonly client: Node | undefined
  /** How many entries of the header, from its end, belong to trusted proxies. */
  readonly hops: number
}

/**
 * `nodes`: as the proxies have written them, the nearest one last; undefined for one that says nothing. If
 * all are trusted, the first is the client.
 */
export function walk(nodes: readonly (string | undefined)[], isTrusted: (address: string) => boolean): Walk {
  let client: Node | undefined
  let hops = 0
  for (let at = nodes.length - 1; at >= 0; at -= 1) {
    const found = parseNode(nodes[at] ?? '')
    if (found === undefined) break
    client = found
    hops += 1
    if (!isTrusted(found.address)) break
  }
  return { client, hops }
}

/**
 * Returns what the proxy of the last hop has said in a list that may be shorter: a proxy in between may have
 * replaced it instead of adding to it.
 */
export function entryOf<Entry>(entries: readonly Entry[], hops: number): Entry | undefined {
  return entries[Math.max(0, entries.length - Math.max(1, hops))]
}

/** The entries of a list in a header, without empty ones (RFC 9110, 5.6.1). Most lists have one. */
export function listOf(value: string | undefined): readonly string[] {
  if (value === undefined) return none
  if (!value.includes(',')) return value === '' ? none : [value]
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

const none: readonly string[] = []
