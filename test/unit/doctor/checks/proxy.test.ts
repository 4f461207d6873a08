import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { forwardedHeaderNames } from '../../../../src/config/settings/forwarded-headers.ts'
import { parseNginx, seconds } from '../../../../src/doctor/facts/nginx-config.ts'
import { checkLoadBalancer, checkProxy, parseAddresses } from '../../../../src/doctor/checks/proxy.ts'
import { repository } from '../../../helpers/tsgun.ts'

interface Case {
  readonly name: string
  readonly text: string
  readonly keepalive?: number
  readonly requestTimeout?: number
  readonly found: readonly string[]
}

const upstream = (inside: string): string =>
  `http { upstream a { server 127.0.0.1:8000; ${inside} } server { location / { proxy_pass http://a; proxy_http_version 1.1; } } }`

const cases: readonly Case[] = [
  {
    name: 'keepalive above the default of nginx',
    text: upstream('keepalive 8;'),
    keepalive: 75,
    found: ['ok keepalive'],
  },
  {
    name: 'keepalive below the default of nginx',
    text: upstream('keepalive 8;'),
    keepalive: 2,
    found: ['wrong keepalive'],
  },
  {
    name: 'the same as that of nginx',
    text: upstream('keepalive 8; keepalive_timeout 1m;'),
    keepalive: 60,
    found: ['wrong keepalive'],
  },
  {
    name: 'a short one of nginx',
    text: upstream('keepalive 8; keepalive_timeout 1s;'),
    keepalive: 2,
    found: ['ok keepalive'],
  },
  { name: 'no keepalive', text: upstream(''), found: ['warning nginx'] },
  {
    name: 'HTTP/1.0',
    text: 'upstream a { server localhost:8000; keepalive 8; }',
    keepalive: 75,
    found: ['warning nginx'],
  },
  {
    name: 'no upstream',
    text: 'server { location / { proxy_pass http://127.0.0.1:8000/; } }',
    found: ['warning nginx'],
  },
  {
    name: 'a long request_timeout',
    text: upstream('keepalive 8;'),
    keepalive: 75,
    requestTimeout: 60,
    found: ['ok keepalive', 'warning request_timeout'],
  },
  { name: 'another port', text: 'upstream a { server 127.0.0.1:9000; }', found: [] },
  { name: 'a comment', text: '# upstream a { server 127.0.0.1:8000; }', found: [] },
  { name: 'no nginx', text: '}}{;;"', found: [] },
]

for (const { name, text, keepalive = 2, requestTimeout = 0, found } of cases) {
  test(`nginx: ${name}`, () => {
    const files = [{ path: '/etc/nginx/nginx.conf', directives: parseNginx(text) }]
    const addresses = parseAddresses(['127.0.0.1:8000'], (path) => path)
    const findings = checkProxy({ addresses, keepalive, requestTimeout, forwarded: undefined, files })
    assert.deepEqual(
      findings.map(({ level, subject }) => `${level} ${subject}`),
      found,
    )
  })
}

test('the nginx.conf of the production example fits its config', () => {
  const path = join(repository, 'config-examples/production/nginx.conf')
  const files = [{ path, directives: parseNginx(readFileSync(path, 'utf8')) }]
  const addresses = parseAddresses(['unix:/run/shop/http.sock'], (each) => each)
  const forwarded = { names: forwardedHeaderNames, schemes: ['X-Forwarded-Proto'] }
  const level = (keepalive: number): readonly string[] =>
    checkProxy({ addresses, keepalive, requestTimeout: 0, forwarded, files }).map((each) => each.level)
  assert.deepEqual([level(75), level(60)], [['ok'], ['wrong']])
})

test('without a proxy that is known, a public address with a short keepalive is told', () => {
  const count = (bind: string, keepalive: number, hasProxy = false): number =>
    checkLoadBalancer(
      parseAddresses([bind], (path) => path),
      keepalive,
      hasProxy,
    ).length
  assert.deepEqual(
    [
      count(':8000', 2),
      count(':8000', 75),
      count(':8000', 2, true),
      count('127.0.0.1:1', 2),
      count('unix:/a', 2),
    ],
    [1, 0, 0, 0, 0],
  )
})

test('times of nginx are read', () => {
  assert.deepEqual(['75', '60s', '1m', '500ms', '1h', 'x', undefined].map(seconds), [
    75,
    60,
    60,
    0.5,
    3600,
    undefined,
    undefined,
  ])
})
