import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCertificate, isEncrypted, isKey, pemBlocks, whatIsIn } from '../../../src/tls/pem.ts'

const block = (label: string, inside = 'AAAA'): string =>
  `-----BEGIN ${label}-----\n${inside}\n-----END ${label}-----\n`

test('blocks are found between other text, in their order', () => {
  const text = `Bag Attributes\n${block('CERTIFICATE')}\r\n${block('EC PARAMETERS')}${block('EC PRIVATE KEY')}rest`
  assert.deepEqual(pemBlocks(text), [
    { label: 'CERTIFICATE', text: block('CERTIFICATE') },
    { label: 'EC PARAMETERS', text: block('EC PARAMETERS') },
    { label: 'EC PRIVATE KEY', text: block('EC PRIVATE KEY') },
  ])
  assert.equal(pemBlocks(block('CERTIFICATE').replaceAll('\n', '\r\n')).length, 1)
  assert.deepEqual(pemBlocks(block('CERTIFICATE').slice(0, -5)), [])
})

test('kinds of blocks', () => {
  const is = (check: typeof isKey, text: string): boolean => pemBlocks(text).some(check)
  for (const label of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'])
    assert.deepEqual([is(isKey, block(label)), is(isCertificate, block(label))], [true, false])
  for (const label of ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'])
    assert.deepEqual([is(isKey, block(label)), is(isCertificate, block(label))], [false, true])
  assert.equal(is(isKey, block('PUBLIC KEY')), false)
  assert.equal(is(isCertificate, block('CERTIFICATE REQUEST')), false)
  assert.equal(is(isEncrypted, block('ENCRYPTED PRIVATE KEY')), true)
  assert.equal(
    is(isEncrypted, block('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\nAAAA')),
    true,
  )
  assert.equal(is(isEncrypted, block('RSA PRIVATE KEY')), false)
})

const contents: readonly (readonly [string | Buffer, string])[] = [
  ['', 'it is empty'],
  [block('PRIVATE KEY'), 'it holds a private key'],
  [block('CERTIFICATE') + block('CERTIFICATE'), 'it holds certificates'],
  [block('CERTIFICATE') + block('RSA PRIVATE KEY'), 'it holds certificates and a private key'],
  [block('NEW CERTIFICATE REQUEST'), 'it holds a certificate request (CSR)'],
  [block('PUBLIC KEY'), 'it holds "PUBLIC KEY"'],
  ['-----BEGIN CERTIFICATE-----\nAAAA', 'its PEM is cut off or damaged'],
  [
    Buffer.from([0x30, 0x82, 1, 2]),
    'it is binary (DER or PKCS #12); convert it: openssl x509 -inform der, or openssl pkcs12 -nodes',
  ],
  ['ssh-ed25519 AAAA', 'it is no PEM'],
]
for (const [content, expected] of contents)
  test(`a file: ${expected}`, () => assert.equal(whatIsIn(Buffer.from(content)), expected))
