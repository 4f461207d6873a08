// What the headers of a trusted proxy say, from the names and values to client, scheme and host.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forwardedHeaderNames } from '../../../../src/config/settings/forwarded-headers.ts'
import { decide } from '../../../../src/serving/forwarded/decide.ts'
import { compileFields } from '../../../../src/serving/forwarded/fields.ts'
import { TrustedAddresses } from '../../../../src/serving/forwarded/trusted-addresses.ts'

const find = compileFields({
  forwarded_headers: forwardedHeaderNames,
  secure_scheme_headers: {
    'X-Forwarded-Protocol': 'ssl',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Ssl': 'on',
  },
})
const peer = { address: '127.0.0.1', family: 'IPv4', port: 40_000, encrypted: false } as const

type Headers = readonly (readonly [string, string])[]

function decided(headers: Headers, trust: readonly string[] = ['127.0.0.1', '10.0.0.0/8']): unknown {
  const fields = find([['Accept', '*/*'], ...headers].flat())
  if (fields === undefined) return undefined
  const trusted = new TrustedAddresses(trust)
  return decide(fields, { peer, host: 'inner:8000', isTrusted: (address) => trusted.has(address) })
}

const client = (...headers: Headers): string => {
  const decision = decided(headers) as { client: { address: string; port: number | undefined } }
  return `${decision.client.address} ${decision.client.port}`
}
const scheme = (...headers: Headers): unknown =>
  (decided(headers) as { client: { encrypted: boolean } }).client.encrypted
const host = (...headers: Headers): unknown => (decided(headers) as { host: unknown }).host
const refused = (...headers: Headers): unknown => (decided(headers) as { refused?: unknown }).refused

test('the rightmost address that is not trusted is the client', () => {
  assert.equal(client(['X-Forwarded-For', '203.0.113.7']), '203.0.113.7 undefined')
  assert.equal(client(['X-Forwarded-For', '6.6.6.6, 203.0.113.7, 10.0.0.2']), '203.0.113.7 undefined')
  assert.equal(client(['X-Forwarded-For', '203.0.113.7, 9.9.9.9']), '9.9.9.9 undefined')
  assert.equal(
    client(['x-forwarded-for', '6.6.6.6'], ['X-FORWARDED-FOR', '203.0.113.7']),
    '203.0.113.7 undefined',
  )
})

test('if all are trusted, the first one is the client', () => {
  assert.equal(client(['X-Forwarded-For', '10.0.0.1, 10.0.0.2']), '10.0.0.1 undefined')
  const all = decided([['X-Forwarded-For', '6.6.6.6, 7.7.7.7']], ['*']) as { client: { address: string } }
  assert.equal(all.client.address, '6.6.6.6')
})

test('ports, brackets, IPv4 in IPv6 form and empty entries are understood', () => {
  assert.equal(client(['X-Forwarded-For', '203.0.113.7:5555']), '203.0.113.7 5555')
  assert.equal(client(['X-Forwarded-For', '2001:db8::1']), '2001:db8::1 undefined')
  assert.equal(client(['X-Forwarded-For', '[2001:db8::1]:443,, ']), '2001:db8::1 443')
  assert.equal(client(['X-Forwarded-For', '1.1.1.1, ::ffff:10.0.0.9']), '1.1.1.1 undefined')
})

test('where the path is not known further, the last known proxy is the client', () => {
  for (const unknown of [
    'unknown',
    '_secret',
    'evil',
    '1.2.3',
    '1.2.3.4:x',
    '<script>',
    '1.2.3.4 5.6.7.8',
    `fe80::1%${'a'.repeat(100)}`,
  ])
    assert.equal(client(['X-Forwarded-For', `6.6.6.6, ${unknown}, 10.0.0.5`]), '10.0.0.5 undefined')
  assert.equal(client(['X-Forwarded-For', 'unknown']), '127.0.0.1 40000')
  assert.equal(client(['Forwarded', 'for=6.6.6.6, proto=https']), '127.0.0.1 40000')
})

test('the scheme is gunicorn’s: the listed value means https, any other http', () => {
  assert.equal(scheme(['X-Forwarded-Proto', 'https']), true)
  assert.equal(scheme(['X-Forwarded-Proto', 'HTTPS']), true)
  assert.equal(scheme(['X-Forwarded-Proto', 'wss']), true)
  assert.equal(scheme(['X-Forwarded-Proto', 'http']), false)
  assert.equal(scheme(['X-Forwarded-Proto', 'ftp']), false)
  assert.equal(scheme(['X-Forwarded-Protocol', 'ssl']), true)
  assert.equal(scheme(['X-Forwarded-Ssl', 'on'], ['X-Forwarded-Proto', 'https']), true)
  assert.equal(scheme(['X-Forwarded-Ssl', ''], ['X-Forwarded-Proto', 'https']), true)
  assert.equal(scheme(['X-Forwarded-For', '1.1.1.1']), false)
})

test('of a list the entry of the same proxy counts', () => {
  assert.equal(scheme(['X-Forwarded-Proto', 'https, http']), false)
  const both = ['X-Forwarded-For', '203.0.113.7, 10.0.0.2'] as const
  assert.equal(scheme(both, ['X-Forwarded-Proto', 'https, http']), true)
  assert.equal(scheme(both, ['X-Forwarded-Proto', 'https']), true)
  assert.equal(host(both, ['X-Forwarded-Host', 'evil, shop.example, inner']), 'shop.example')
})

test('Forwarded says the same', () => {
  assert.equal(client(['Forwarded', 'for=6.6.6.6, for="203.0.113.7:80", for=10.1.1.1']), '203.0.113.7 80')
  assert.equal(scheme(['Forwarded', 'for=1.1.1.1;proto=https, for=10.1.1.1;proto=http']), true)
  assert.equal(scheme(['Forwarded', 'proto=https']), true)
  assert.equal(host(['Forwarded', 'for=1.1.1.1;host="shop.example:8080"']), 'shop.example:8080')
  assert.equal(refused(['Forwarded', 'for=1.1.1.1;proto=https'], ['X-Forwarded-For', '1.1.1.1']), undefined)
})

test('addresses in other forms are no contradiction, and a hidden client stays hidden', () => {
  assert.equal(
    client(['X-Forwarded-For', '2001:DB8:0::1'], ['Forwarded', 'for="[2001:db8::1]"']),
    '2001:DB8:0::1 undefined',
  )
  assert.equal(
    client(['X-Forwarded-For', '::ffff:1.1.1.1'], ['Forwarded', 'for=1.1.1.1']),
    '1.1.1.1 undefined',
  )
  assert.equal(
    typeof refused(['X-Forwarded-For', '2001:db8::1'], ['Forwarded', 'for="[2001:db8::2]"']),
    'string',
  )
  assert.equal(client(['X-Forwarded-For', 'unknown'], ['Forwarded', 'for=6.6.6.6']), '127.0.0.1 40000')
})

test('host and port are what the client has asked for', () => {
  assert.equal(host(['X-Forwarded-Host', 'shop.example']), 'shop.example')
  assert.equal(host(['X-Forwarded-Host', 'shop.example:8443']), 'shop.example:8443')
  assert.equal(host(['X-Forwarded-Host', 'shop.example'], ['X-Forwarded-Port', '8443']), 'shop.example:8443')
  assert.equal(host(['X-Forwarded-Host', 'shop.example'], ['X-Forwarded-Port', '80']), 'shop.example')
  assert.equal(
    host(['X-Forwarded-Host', '[::1]'], ['X-Forwarded-Port', '443'], ['X-Forwarded-Proto', 'https']),
    '[::1]',
  )
  assert.equal(host(['X-Forwarded-Port', '443']), 'inner:443')
  assert.equal(host(['X-Forwarded-Port', '80']), 'inner')
  assert.equal(host(['X-Forwarded-For', '1.1.1.1']), undefined)
})

test('what is not valid and what contradicts is refused', () => {
  const cases: readonly Headers[] = [
    [['X-Forwarded-Host', 'a@b']],
    [['X-Forwarded-Host', 'a/b']],
    [['X-Forwarded-Host', 'a:99999']],
    [['X-Forwarded-Host', 'a b']],
    [['X-Forwarded-Port', '0']],
    [['X-Forwarded-Port', 'https']],
    [['Forwarded', 'for="']],
    [['Forwarded', 'host="a b"']],
    [
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Proto', 'http'],
    ],
    [
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Ssl', 'off'],
    ],
    [
      ['X-Forwarded-Proto', 'https'],
      ['Forwarded', 'proto=http'],
    ],
    [
      ['X-Forwarded-For', '1.1.1.1'],
      ['Forwarded', 'for=2.2.2.2'],
    ],
    [
      ['X-Forwarded-Host', 'a'],
      ['Forwarded', 'host=b'],
    ],
  ]
  for (const headers of cases) assert.equal(typeof refused(...headers), 'string', JSON.stringify(headers))
})

test('names with underscores, and names that only look alike, are other headers', () => {
  for (const name of ['X_Forwarded_For', 'X-Forwarded-Fob', 'X-Forwarded-For2', 'Forwardee', 'X-Real-IP'])
    assert.equal(decided([[name, '6.6.6.6']]), undefined, name)
})

test('only the headers of the setting are read', () => {
  const only = compileFields({ forwarded_headers: ['X-Forwarded-For'], secure_scheme_headers: {} })
  assert.deepEqual(
    only(['X-Forwarded-Host', 'a', 'Forwarded', 'for=b', 'X-Forwarded-Proto', 'https']),
    undefined,
  )
  assert.deepEqual(only(['X-Forwarded-For', 'a', 'X-Forwarded-Host', 'b']), { for: 'a' })
  const odd = compileFields({ forwarded_headers: [], secure_scheme_headers: { _Scheme: 'HTTPS' } })
  assert.deepEqual(odd(['_scheme', 'https']), { schemes: [{ value: 'https', secure: 'https' }] })
})
