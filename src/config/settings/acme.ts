// The setting `acme` of the section `tls`, which is an object. Used by the arbiter and the command line.

import { isIP } from 'node:net'
import * as z from 'zod'
import { acmeDirectories, challengeTypes } from '../../tls/acme-settings.ts'
import { text } from './common.ts'
import { splitCommas } from './list-of.ts'
import { setting, type Parts } from './row.ts'

/** The most that Let's Encrypt puts into one certificate. */
const mostDomains = 100

export const acmeParts = {
  domains: {
    expects: 'a host name, or a list of them',
    doc: 'The names of the certificate, such as `["shop.example", "www.shop.example"]`.',
  },
  email: {
    expects: 'an e-mail address or null',
    default: null,
    doc: 'Where the authority writes to when something is wrong with a certificate.',
  },
  directory: {
    expects: `${Object.keys(acmeDirectories)
      .map((name) => `"${name}"`)
      .join(', ')} or the URL of a directory`,
    default: 'letsencrypt',
    doc:
      'The authority: `"letsencrypt"`, `"letsencrypt-staging"` for tests, or the URL of its ACME ' +
      'directory.',
  },
  storage: {
    expects: 'the path of a directory',
    unit: 'file',
    default: 'acme',
    doc:
      'The directory for the keys and certificates, which has to outlive releases. The path starts at ' +
      '`chdir`.',
  },
  challenge: {
    expects: `${challengeTypes.map((type) => `"${type}"`).join(', ')} or null`,
    default: null,
    doc:
      'How the server shows that it has the names: over port 80 (`"http-01"`) or 443 (`"tls-alpn-01"`). ' +
      'null: TLS-ALPN-01, or HTTP-01 where the authority does not offer that.',
  },
  directory_ca: {
    expects: 'a file path or null',
    unit: 'file',
    default: null,
    doc:
      'The authority, in PEM, of the certificate that the server of a private directory has itself. null: ' +
      'those that Node.js knows.',
  },
  external_account: {
    expects: 'a file path or null',
    unit: 'file',
    default: null,
    doc:
      'A file in JSON, `{ "kid": "…", "hmac_key": "…" }`: the account that an authority such as ZeroSSL ' +
      'has given you (external account binding).',
  },
} as const satisfies Parts

const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/

/** Returns why a name cannot be in a certificate by these challenges; undefined when it can. */
export function domainProblem(domain: string): string | undefined {
  if (domain.startsWith('*.'))
    return (
      `"${domain}" needs the challenge DNS-01, which tsgun does not have: name each host, or get the ` +
      'certificate with certbot, lego or acme.sh, and name it in certfile'
    )
  if (isIP(domain.replace(/^\[|\]$/g, '')) !== 0)
    return `"${domain}" is an address; a certificate for it needs another client, and certfile`
  if (domain.includes('://') || domain.includes('/'))
    return `"${domain}" is no host name: leave out all but the host`
  if (/:\d+$/.test(domain)) return `"${domain}" is no host name: leave out the port`
  if (/[^\x00-\x7f]/.test(domain)) return `"${domain}" has to be written in ASCII (xn--…)`
  const isName = domain.length <= 253 && domain.split('.').every((each) => label.test(each))
  return isName ? undefined : `"${domain}" is no host name`
}

const domains = z
  .union([text, z.array(text).min(1).max(mostDomains)])
  .transform((value) => [
    ...new Set(
      (typeof value === 'string' ? splitCommas(value) : value).map((each) =>
        each.trim().toLowerCase().replace(/\.$/, ''),
      ),
    ),
  ])
  .superRefine((names, context) => {
    const problem = names.map(domainProblem).find((each) => each !== undefined)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

const directory = text.transform((value, context) => {
  if (Object.hasOwn(acmeDirectories, value)) return acmeDirectories[value as keyof typeof acmeDirectories]
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol === 'https:') return url.href
  context.addIssue({
    code: 'custom',
    message: url?.protocol === 'http:' ? 'ACME needs https://' : 'it is no URL',
  })
  return z.NEVER
})

const file = text.refine((value) => !value.includes('-----BEGIN'), 'the path of a file, not the PEM itself')

const schema = z.strictObject({
  domains,
  email: z
    .string()
    .regex(/^[^@\s,]+@[^@\s,]+$/)
    .nullable()
    .default(acmeParts.email.default),
  directory: directory.prefault(acmeParts.directory.default),
  storage: text.default(acmeParts.storage.default),
  challenge: z.enum(challengeTypes).nullable().default(acmeParts.challenge.default),
  directory_ca: file.nullable().default(acmeParts.directory_ca.default),
  external_account: file.nullable().default(acmeParts.external_account.default),
})

export const acmeSetting = setting({
  section: 'tls',
  schema: schema.nullable(),
  default: null,
  flag: '--acme <part=value>',
  text: 'parts',
  parts: acmeParts,
  expects: '{ domains, email, directory, storage, challenge, … } or null',
  doc:
    'Certificate that the server gets and renews by itself, by ACME, instead of `certfile`. It is for all ' +
    "`domains`, from `directory` (default: Let's Encrypt), and with its key in `storage`. By setting it " +
    'you accept the terms of that authority. See docs/run/tls.md.',
})
