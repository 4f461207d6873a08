// Limits of the system against the settings: open files against worker_connections, net.core.somaxconn
// against backlog, the range of outgoing ports against bind. Pure.

import { ok, warning, wrong, type Finding } from '../findings/finding.ts'

/** Descriptors that a worker has besides its connections: pipes, sockets, files of the app. */
const ownDescriptors = 64

export interface OpenFiles {
  /** The limit; undefined where it cannot be read. */
  readonly limit: number | undefined
  /** The process that has it: "this shell", "the running master (pid 5)". */
  readonly owner: string
  readonly connections: number
}

export function checkOpenFiles({ limit, owner, connections }: OpenFiles): Finding[] {
  const subject = 'open files'
  if (limit === undefined) return []
  const need = connections + ownDescriptors
  const comfortable = 2 * connections + ownDescriptors
  const fact = `${limit} for each process (${owner}), and worker_connections is ${connections}`
  const remedy =
    `ulimit -n ${comfortable}, LimitNOFILE=${comfortable} in the systemd unit, ` +
    `--ulimit nofile=${comfortable} of docker; or a lower worker_connections`
  if (limit < need) return [wrong(subject, `${fact}: a worker runs out of them first`, remedy)]
  if (limit < comfortable)
    return [
      warning(subject, `${fact}: too few if each request opens a connection or a file of its own`, remedy),
    ]
  return [ok(subject, fact)]
}

export interface Backlog {
  readonly backlog: number
  /** Whether a source sets it. */
  readonly isSet: boolean
  /** net.core.somaxconn; undefined where it cannot be read. */
  readonly somaxconn: number | undefined
}

export function checkBacklog({ backlog, isSet, somaxconn }: Backlog): Finding[] {
  if (somaxconn === undefined) return []
  if (backlog <= somaxconn) return [ok('backlog', `${backlog}, and net.core.somaxconn is ${somaxconn}`)]
  const level = isSet ? wrong : warning
  return [
    level(
      'backlog',
      `${backlog}, but the kernel keeps only ${somaxconn} waiting connections (net.core.somaxconn)`,
      `sysctl -w net.core.somaxconn=${backlog} (docker: --sysctl), or backlog: ${somaxconn}`,
    ),
  ]
}

/** `range`: the text of net.ipv4.ip_local_port_range. */
export function checkPortRange(ports: readonly number[], range: string, reserved: string): Finding[] {
  const [low = 0, high = 0] = range.trim().split(/\s+/).map(Number)
  const isReserved = (port: number): boolean =>
    reserved
      .trim()
      .split(',')
      .map((part) => part.split('-').map(Number))
      .some(([from = -1, to = from]) => port >= from && port <= to)
  return ports
    .filter((port) => port >= low && port <= high && !isReserved(port))
    .map((port) =>
      warning(
        'bind',
        `port ${port} is in the range of outgoing connections (${low} to ${high}): one may have it`,
        `a port below ${low}, or sysctl -w net.ipv4.ip_local_reserved_ports=${port}`,
      ),
    )
}
