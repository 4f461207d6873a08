import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acmeSetting, domainProblem } from '../../../../src/config/settings/acme.ts'

test('names are written in any form, and kept once', () => {
  for (const domains of [
    ' Shop.example, www.shop.example',
    ['shop.example.', 'WWW.shop.example', 'shop.example'],
  ])
    assert.deepEqual(acmeSetting.schema.parse({ domains })?.domains, ['shop.example', 'www.shop.example'])
})

test('what is not given has its default', () => {
  assert.deepEqual(acmeSetting.schema.parse({ domains: 'a.example' }), {
    domains: ['a.example'],
    email: null,
    directory: 'https://acme-v02.api.letsencrypt.org/directory',
    storage: 'acme',
    challenge: null,
    directory_ca: null,
    external_account: null,
  })
})

const wrongNames: readonly (readonly [string, RegExp])[] = [
  ['*.shop.example', /needs the challenge DNS-01.*name it in certfile/],
  ['192.0.2.1', /is an address/],
  ['[2001:db8::1]', /is an address/],
  ['https://shop.example/', /leave out all but the host/],
  ['shop.example:443', /leave out the port/],
  ['bücher.example', /has to be written in ASCII/],
  ['-shop.example', /is no host name/],
  ['shop..example', /is no host name/],
  ['shop_1.example', /is no host name/],
  [`${'a'.repeat(64)}.example`, /is no host name/],
]
for (const [name, expected] of wrongNames)
  test(`no name of a certificate: ${name}`, () => assert.match(domainProblem(name) ?? '', expected))

test('other names are right', () => {
  for (const name of ['shop.example', 'localhost', 'a-b.example', 'xn--bcher-kva.example', '1.example'])
    assert.equal(domainProblem(name), undefined)
})

test('a wrong part is told by itself', () => {
  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ directory: 'http://ca.example/' }, /ACME needs https/],
    [{ directory: 'zerossl' }, /it is no URL/],
    [{ email: 'ops' }, /email/],
    [{ challenge: 'dns-01' }, /challenge/],
    [{ domains: [] }, /domains/],
    [{ directory_ca: '-----BEGIN CERTIFICATE-----' }, /not the PEM itself/],
    [{ domain: 'a.example' }, /domain/],
  ]
  for (const [parts, expected] of wrong) {
    const { error } = acmeSetting.schema.safeParse({ domains: 'a.example', ...parts })
    assert.match(JSON.stringify(error?.issues), expected)
  }
})
