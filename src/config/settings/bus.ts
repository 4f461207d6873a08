// The setting `bus` of the section `compute`: what carries the messages of the bus. Used by the arbiter and
// the command line.

import * as z from 'zod'
import { setting } from './row.ts'

const protocols: readonly string[] = ['redis:', 'rediss:', 'nats:', 'tls:']

export const busSetting = setting({
  section: 'compute',
  schema: z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol))
    .nullable(),
  default: null,
  expects: 'a URL with redis://, rediss://, nats:// or tls:// (NATS), or null',
  doc:
    'What carries the messages of the bus. null is a process of the server, for this machine. ' +
    '`"redis://host:6379"` or `"nats://host:4222"` carry them beyond it; the project needs the package ' +
    '`redis` or `@nats-io/transport-node`. See docs/run/bus.md.',
  conceal: (value) => (value === null ? null : withoutSecrets(value)),
})

/** User and password are hidden. */
function withoutSecrets(text: string): string {
  const url = new URL(text)
  if (url.username !== '') url.username = '***'
  if (url.password !== '') url.password = '***'
  return url.href
}
