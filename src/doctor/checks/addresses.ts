// The addresses of `bind`: free, in use by this server, or by another program. Pure.

import { ok, warning, wrong, type Finding } from '../findings/finding.ts'
import type { AddressFacts } from '../facts/address-facts.ts'
import type { RunningMaster } from '../facts/running.ts'

export interface Server {
  /** The server of this config that runs, by its pidfile. */
  readonly running: RunningMaster | undefined
  /** Its name in the titles of its processes. */
  readonly name: string
}

export function checkAddress({ address, holder, problem }: AddressFacts, { running, name }: Server): Finding {
  if (problem !== undefined) return wrong('bind', problem, 'another address in bind')
  if (holder === undefined) return ok('bind', `${address} is free`)
  const { pid, title } = holder
  if (running !== undefined && pid === running.pid)
    return ok('bind', `${address} is served by this server (master pid ${pid}, pidfile ${running.pidfile})`)
  if (pid !== undefined && title === `tsgun: master [${name}]`)
    return ok('bind', `${address} is served by the tsgun of this name (master pid ${pid}, no pidfile)`)
  if (pid === 1 || /^(?:\S*\/)?systemd\b/.test(title))
    return ok('bind', `${address} is open in systemd, which passes it on if this server is its .socket unit`)
  const who = pid === undefined ? 'a process of another user' : `process ${pid} (${short(title)})`
  const remedy = pid === undefined ? 'see which one as root: ss -lptnx; or another address' : stop(pid)
  return wrong('bind', `${address} is in use by ${who}`, remedy)
}

function stop(pid: number): string {
  return `stop that process (kill ${pid}), or another address in bind`
}

function short(title: string): string {
  return title.length > 80 ? `${title.slice(0, 77)}...` : title
}

/** A loopback address in a container is not reached from outside of it. */
export function checkReach(addresses: readonly string[], isContainer: boolean): Finding[] {
  const loopback = addresses.filter((address) => /^(?:127\.|localhost:|\[::1\])/.test(address))
  if (!isContainer || loopback.length === 0) return []
  return [
    warning(
      'bind',
      `only processes of this container can connect to ${loopback.join(', ')}`,
      `bind: '0.0.0.0:${loopback[0]?.split(':').at(-1) ?? '8000'}', or set PORT and no bind`,
    ),
  ]
}
