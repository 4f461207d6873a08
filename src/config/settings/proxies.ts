// Settings of the section `proxies`: who may say where a request comes from. Used by the arbiter and the
// command line.

import * as z from 'zod'
import { rangeProblem } from './address-range.ts'
import { forwardedHeaderNames } from './forwarded-headers.ts'
import { listOf, splitCommas } from './list-of.ts'
import { setting } from './row.ts'

const range = z.string().superRefine((value, context) => {
  const problem = rangeProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

/** A list, or text with commas, as gunicorn and its environment variable have it. */
const ranges = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => entriesOf(value))
  .pipe(z.array(range))

function entriesOf(value: string | readonly string[]): string[] {
  return listOf(value)
    .flatMap(splitCommas)
    .filter((part) => part !== '')
}

const rangesExpect = 'addresses such as "10.0.0.1", ranges such as "10.0.0.0/8", "unix" or "*"'
const headerName = z.string().regex(/^[!#$%&'*+.^`|~\w-]+$/)

export const proxiesSettings = {
  forwarded_allow_ips: setting({
    section: 'proxies',
    schema: ranges,
    default: (environment) => environment['FORWARDED_ALLOW_IPS'] ?? ['127.0.0.1', '::1'],
    variable: 'FORWARDED_ALLOW_IPS',
    defaultText: '`["127.0.0.1","::1"]`, or the list in the environment variable FORWARDED_ALLOW_IPS',
    flag: '--forwarded-allow-ips <addresses>',
    text: 'list',
    expects: rangesExpect,
    doc:
      'Addresses of proxies whose headers say which client a request comes from: X-Forwarded-For, ' +
      '-Proto, -Host, -Port and Forwarded (docs/run/proxies.md). The client is the last address in ' +
      'X-Forwarded-For that is not in this list. Entries are addresses, ranges (`"10.0.0.0/8"`), ' +
      '`"unix"`, or `"*"` for any. Connections over a unix socket are always trusted, as in gunicorn, ' +
      'unless the list is empty: `[]` trusts no proxy.',
  }),
  secure_scheme_headers: setting({
    section: 'proxies',
    schema: z.record(headerName, z.string().min(1)),
    default: { 'X-Forwarded-Protocol': 'ssl', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Ssl': 'on' },
    flag: '--secure-scheme-headers <name=value>',
    text: 'pairs',
    expects: 'header names with the value that means https',
    parts: { '*': { expects: 'text', doc: 'The value of this header that means https.' } },
    doc:
      'Headers in which a trusted proxy says that the client used https, each with the value that says ' +
      'so; any other value means http. Two that disagree are refused with 400. `{}` reads none.',
  }),
  forwarded_headers: setting({
    section: 'proxies',
    schema: z.array(z.enum(forwardedHeaderNames)),
    default: [...forwardedHeaderNames],
    flag: '--forwarded-headers <names>',
    text: 'words',
    expects: `a list of ${forwardedHeaderNames.map((name) => `"${name}"`).join(', ')}`,
    doc:
      'Which headers of a trusted proxy are read, besides `secure_scheme_headers`. Leave out those that ' +
      'your proxy neither sets nor removes: it passes them on as the client has sent them.',
  }),
  untrusted_forwarded_headers: setting({
    section: 'proxies',
    schema: z.enum(['keep', 'remove']),
    default: 'keep',
    flag: '--untrusted-forwarded-headers <mode>',
    expects: '"keep" or "remove"',
    doc:
      'What happens to the same headers of all other clients. tsgun never reads them. `"keep"` leaves ' +
      'them to the app, which may have a trust setting of its own; `"remove"` hides them from the app.',
  }),
  proxy_protocol: setting({
    section: 'proxies',
    schema: z.enum(['off', 'on', 'auto']),
    default: 'off',
    flag: '--proxy-protocol <mode>',
    expects: '"off", "on" or "auto"',
    doc:
      'Whether a proxy says with the PROXY protocol, version 1 or 2, which client a connection comes ' +
      'from. `"on"`: each connection has to begin with it, others are closed. `"auto"`: those in ' +
      '`proxy_allow_ips` may begin with it. The client becomes the peer of the connection ' +
      '(docs/run/proxies.md).',
  }),
  proxy_allow_ips: setting({
    section: 'proxies',
    schema: ranges,
    default: ['127.0.0.1', '::1'],
    flag: '--proxy-allow-from <addresses>',
    text: 'list',
    expects: rangesExpect,
    doc:
      'Addresses of proxies that may use the PROXY protocol, in the form of `forwarded_allow_ips`. Unix ' +
      'sockets may use it unless the list is empty. With `proxy_protocol: "on"` all others are closed.',
  }),
} as const
