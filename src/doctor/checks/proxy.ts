// nginx in front of this server: its connections to tsgun must end before tsgun ends them, else a request
// meets a closed connection (502). Pure.

import { formatAddress, parseAddress, type Address } from '../../listen/address.ts'
import { checkForwarded, type ForwardedNames } from './forwarded.ts'
import { ok, warning, wrong, type Finding } from '../findings/finding.ts'
import { allNamed, seconds, valueIn, type Directive } from '../facts/nginx-config.ts'

export interface Proxy {
  /** The addresses of `bind`; unix paths are absolute. */
  readonly addresses: readonly Address[]
  readonly keepalive: number
  readonly requestTimeout: number
  /** Undefined when no proxy is trusted. */
  readonly forwarded: ForwardedNames | undefined
  /** Each file of nginx with its directives. */
  readonly files: readonly { readonly path: string; readonly directives: readonly Directive[] }[]
}

/** nginx's default for the keepalive_timeout of an upstream. */
const defaultTimeout = 60

export function checkProxy({ addresses, keepalive, requestTimeout, forwarded, files }: Proxy): Finding[] {
  return files.flatMap(({ path, directives }) => {
    const isOurs = (server: string): boolean => addresses.some((address) => matches(server, address))
    const upstreams = allNamed(directives, 'upstream').filter(({ inside }) =>
      inside.some(({ name, words }) => name === 'server' && isOurs(words[0] ?? '')),
    )
    const direct = allNamed(directives, 'proxy_pass').filter(({ words }) => isOurs(hostOf(words[0] ?? '')))
    return [
      ...upstreams.flatMap((upstream) => checkUpstream(upstream, { path, keepalive, directives })),
      ...(direct.length > 0 ? [noUpstream(path)] : []),
      ...(upstreams.length + direct.length > 0
        ? [
            ...checkReadTimeout(directives, { path, requestTimeout }),
            ...(forwarded ? checkForwarded(directives, path, forwarded) : []),
          ]
        : []),
    ]
  })
}

function noUpstream(path: string): Finding {
  return warning(
    'nginx',
    `${path}: proxy_pass names the address itself, so nginx opens a connection for each request`,
    'an upstream block with `keepalive 32`, as in config-examples/production/nginx.conf',
  )
}

interface Place {
  readonly path: string
  readonly keepalive: number
  readonly directives: readonly Directive[]
}

function checkUpstream({ words, inside }: Directive, { path, keepalive, directives }: Place): Finding[] {
  const name = words[0] ?? ''
  const connections = valueIn(inside, 'keepalive')
  if (connections === undefined)
    return [
      warning(
        'nginx',
        `${path}: the upstream ${name} has no keepalive, so nginx opens a connection for each request`,
        'keepalive 32; in the upstream, proxy_http_version 1.1; and proxy_set_header Connection ""',
      ),
    ]
  const idle = seconds(valueIn(inside, 'keepalive_timeout')) ?? defaultTimeout
  if (keepalive <= idle)
    return [
      wrong(
        'keepalive',
        `${keepalive} s, but nginx keeps idle connections for ${idle} s (${path}, upstream ${name}): a ` +
          'request on a connection that tsgun is closing gets a 502',
        `keepalive: ${idle + 15}`,
      ),
    ]
  const isOld = allNamed(directives, 'proxy_http_version').every((each) => each.words[0] !== '1.1')
  return isOld
    ? [warning('nginx', `${path}: HTTP/1.0 to tsgun, where no connection is kept`, 'proxy_http_version 1.1;')]
    : [ok('keepalive', `${keepalive} s, and nginx closes idle connections after ${idle} s (${path})`)]
}

function checkReadTimeout(
  directives: readonly Directive[],
  { path, requestTimeout }: { readonly path: string; readonly requestTimeout: number },
): Finding[] {
  const read = seconds(allNamed(directives, 'proxy_read_timeout')[0]?.words[0]) ?? 60
  if (requestTimeout === 0 || requestTimeout < read) return []
  return [
    warning(
      'request_timeout',
      `${requestTimeout} s, but nginx gives up after ${read} s (${path}, proxy_read_timeout)`,
      `request_timeout below ${read}, or proxy_read_timeout ${requestTimeout + 5}s;`,
    ),
  ]
}

function hostOf(url: string): string {
  const rest = url.replace(/^https?:\/\//, '')
  return rest.startsWith('unix:') ? rest.replace(/:\/?$/, '') : rest.replace(/\/.*$/, '')
}

/** `127.0.0.1:8000` and `localhost:8000` reach a server that is bound to any address of that port. */
function matches(server: string, address: Address): boolean {
  if (server === '' || address.kind === 'fd' || address.kind === 'name') return false
  if (address.kind === 'unix') return server === `unix:${address.path}`
  const port = /:(\d+)$/.exec(server)?.[1] ?? '80'
  const isLocal = /^(?:127\.|localhost|\[::1\]|0\.0\.0\.0)/.test(server)
  return Number(port) === address.port && (isLocal || server === formatAddress(address))
}

/** Without a known proxy: only what a load balancer would meet. */
export function checkLoadBalancer(
  addresses: readonly Address[],
  keepalive: number,
  hasProxy: boolean,
): Finding[] {
  const isPublic = addresses.some(
    (address) => address.kind === 'tcp' && !/^(?:127\.|localhost$|::1$)/.test(address.host),
  )
  if (hasProxy || !isPublic || keepalive > 60) return []
  return [
    warning(
      'keepalive',
      `${keepalive} s; load balancers keep idle connections for about 60 s, and a request on one that is ` +
        'being closed gets a 502',
      'keepalive: 75 behind a load balancer; ignore this without one',
    ),
  ]
}

export function parseAddresses(
  bind: readonly string[],
  absolute: (path: string) => string,
): readonly Address[] {
  return bind
    .map(parseAddress)
    .map((address) => (address.kind === 'unix' ? { ...address, path: absolute(address.path) } : address))
}
