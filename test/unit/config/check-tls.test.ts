import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tlsConflicts } from '../../../src/config/check-tls.ts'
import { acmeSettings as acme } from '../../helpers/acme-settings.ts'

const none = {
  bind: ':8000',
  certfile: null,
  keyfile: null,
  acme: null,
  ca_certs: null,
  cert_reqs: 'none',
} as const

const rows: readonly (readonly [string, Partial<Parameters<typeof tlsConflicts>[0]>, readonly string[]])[] = [
  ['no TLS', {}, []],
  ['a certificate with its key', { certfile: 'a', keyfile: 'b', bind: ['https://:1', 'http://:2'] }, []],
  ['the key in the certificate', { certfile: ['a', 'b'] }, []],
  ['https without a certificate', { bind: [':1', 'https://:2'] }, ['bind']],
  ['a unix socket without one', { bind: 'https+unix:/a' }, ['bind']],
  ['a key without a certificate', { keyfile: 'a' }, ['keyfile']],
  ['fewer keys than certificates', { certfile: ['a', 'b'], keyfile: 'a' }, ['keyfile']],
  ['clients without authorities', { certfile: 'a', cert_reqs: 'optional' }, ['cert_reqs']],
  ['a certificate that is ordered', { acme, bind: [':1', 'https://:2'] }, []],
  ['a file too', { acme, certfile: 'a' }, ['acme']],
  ['no address to serve it', { acme, bind: ['http://:1', 'http+unix:/a'] }, ['acme']],
  ['HTTP-01 without HTTP', { acme: { ...acme, challenge: 'http-01' } }, ['acme']],
  ['HTTP-01', { acme: { ...acme, challenge: 'http-01' }, bind: [':1', 'http://:2'] }, []],
  ['clients with authorities', { certfile: 'a', cert_reqs: 'required', ca_certs: 'c' }, []],
]
for (const [name, settings, expected] of rows)
  test(`settings of TLS: ${name}`, () =>
    assert.deepEqual(
      tlsConflicts({ ...none, ...settings }).map((conflict) => conflict.name),
      expected,
    ))
