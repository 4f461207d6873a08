// Runs in a worker: the host that the client has asked a proxy for. Pure.

import type { HostParts } from '../syntax/host.ts'

/** Returns undefined when it is not valid. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port > 0 && port < 65_536 ? port : undefined
}

/** The value of Host: without the port that the scheme implies. */
export function formatHost({ name, port }: HostParts, encrypted: boolean): string {
  return port === undefined || port === (encrypted ? 443 : 80) ? name : `${name}:${port}`
}
