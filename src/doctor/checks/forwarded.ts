// nginx in front of this server: it must set or remove each header that tsgun reads of it, because it passes
// on what a client sends. Pure.

import { warning, type Finding } from '../findings/finding.ts'
import { allNamed, type Directive } from '../facts/nginx-config.ts'

export interface ForwardedNames {
  /** The headers that are read. */
  readonly names: readonly string[]
  /** Of these one is enough, because two that disagree are refused. */
  readonly schemes: readonly string[]
}

export function checkForwarded(
  directives: readonly Directive[],
  path: string,
  { names, schemes }: ForwardedNames,
): Finding[] {
  if (allNamed(directives, 'include').length > 0) return [] // it may be set in another file
  const set = allNamed(directives, 'proxy_set_header').map(({ words }) => words[0]?.toLowerCase() ?? '')
  const isOpen = (name: string): boolean => !set.includes(name.toLowerCase())
  const usual = schemes.find((name) => /^x-forwarded-proto$/i.test(name)) ?? schemes[0]
  const open = [...names, ...(schemes.every(isOpen) && usual !== undefined ? [usual] : [])].filter(isOpen)
  if (open.length === 0) return []
  return [
    warning(
      'nginx',
      `${path}: nginx passes on ${listed(open)} as a client has sent ${open.length > 1 ? 'them' : 'it'}, ` +
        'and tsgun trusts nginx',
      `set or remove each (proxy_set_header ${open[0]} "";), as in config-examples/nginx/nginx.conf, or ` +
        'leave it out of forwarded_headers and secure_scheme_headers',
    ),
  ]
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${last}` : last
}
