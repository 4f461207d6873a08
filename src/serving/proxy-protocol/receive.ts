// Runs in a worker, only with `proxy_protocol`: what a proxy says at the start of a connection about its
// client becomes the peer of the connection, for the app, the logs and `forwarded_allow_ips`.

import type { Socket } from 'node:net'
import type { Settings } from '../../config/settings/table.ts'
import { showClient } from '../forwarded/shown-client.ts'
import { TrustedAddresses } from '../forwarded/trusted-addresses.ts'
import { noteHeaderLength } from './header-length.ts'
import { readHeader, type Outcome } from './read-header.ts'

export type ProxyProtocolSettings = Pick<Settings, 'proxy_protocol' | 'proxy_allow_ips'>

/** A connection that is not served. */
export interface Refused {
  /** For the access log. */
  readonly status: 400 | 403 | 408
  readonly reason: string
}

export interface Receiver {
  readonly serve: () => void
  readonly refuse: (refused: Refused) => void
}

/** Calls one of both once, unless the connection ends before. */
export type Receive = (socket: Socket, receiver: Receiver) => void

/** Milliseconds for the header: proxies send it with the first packet. */
const within = 10_000

/** Returns undefined when the protocol is off. */
export function createReceive(settings: ProxyProtocolSettings): Receive | undefined {
  if (settings.proxy_protocol === 'off') return undefined
  const isRequired = settings.proxy_protocol === 'on'
  const allowed = new TrustedAddresses(settings.proxy_allow_ips)
  return (socket, { serve, refuse }) => {
    const isAllowed = allowed.hasPeer(socket.remoteAddress)
    if (!isAllowed && isRequired)
      return refuse({ status: 403, reason: 'its address is not in proxy_allow_ips' })
    if (!isAllowed) return serve()
    readHeader(socket, within, (outcome) => {
      const refused = refusalOf(outcome, isRequired)
      if (refused) return refuse(refused)
      if (outcome.kind === 'header') {
        noteHeaderLength(socket, outcome.length)
        if (outcome.source) showClient(socket, outcome.source)
      }
      serve()
    })
  }
}

/** Without the header HTTP has its own limits of time. */
function refusalOf(outcome: Outcome, isRequired: boolean): Refused | undefined {
  switch (outcome.kind) {
    case 'header':
      return undefined
    case 'invalid':
      return { status: 400, reason: `its PROXY protocol header is not valid: ${outcome.reason}` }
    case 'ended':
      return { status: 400, reason: 'it has ended within a PROXY protocol header' }
    case 'none':
      return isRequired ? { status: 400, reason: 'it has no PROXY protocol header' } : undefined
    case 'more':
      return isRequired
        ? { status: 408, reason: `it has sent no whole PROXY protocol header in ${within / 1000} s` }
        : undefined
  }
}
