// The headers of both versions: valid ones, cut at each byte, and wrong ones.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32c } from '../../../../src/serving/proxy-protocol/crc32c.ts'
import { parse } from '../../../../src/serving/proxy-protocol/read-header.ts'

const rest = 'GET / HTTP/1.1\r\n\r\n'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n')

interface V2 {
  readonly command?: number
  readonly family?: number
  readonly body?: Buffer
  readonly length?: number
}

function v2({ command = 0x21, family = 0x11, body = v4, length = body.length }: V2 = {}): Buffer {
  const head = Buffer.from([command, family, length >> 8, length & 255])
  return Buffer.concat([signature, head, body])
}

const v4 = Buffer.from([203, 0, 113, 7, 10, 0, 0, 1, 0x1f, 0x90, 0x01, 0xbb])
const v6 = Buffer.from('20010db8000000000000000000000001'.padEnd(64, '0') + '1f9001bb', 'hex')

const tlv = (type: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 255]), value])

function withSum(header: Buffer, sumAt: number): Buffer {
  const copy = Buffer.from(header)
  copy.writeUInt32BE(crc32c(header), sumAt)
  return copy
}

const v4Source = { address: '203.0.113.7', family: 'IPv4', port: 8080, encrypted: false }
const v6Source = { address: '2001:db8::1', family: 'IPv6', port: 8080, encrypted: false }
const tls = tlv(0x20, Buffer.from([1, 0, 0, 0, 0]))
const noTls = tlv(0x20, Buffer.from([0, 0, 0, 0, 0]))
const sum = v2({ body: Buffer.concat([v4, tlv(3, Buffer.alloc(4))]) })

const valid: readonly (readonly [string, Buffer, unknown])[] = [
  ['TCP4', Buffer.from('PROXY TCP4 203.0.113.7 10.0.0.1 8080 443\r\n'), v4Source],
  ['TCP6', Buffer.from('PROXY TCP6 2001:db8::1 ::1 8080 443\r\n'), v6Source],
  ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  ['UNKNOWN with addresses', Buffer.from('PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n'), undefined],
  ['IPv4', v2(), v4Source],
  ['IPv6', v2({ family: 0x21, body: v6 }), v6Source],
  ['IPv4 with values', v2({ body: Buffer.concat([v4, tlv(4, Buffer.alloc(100)), noTls]) }), v4Source],
  ['TLS', v2({ body: Buffer.concat([v4, tls]) }), { ...v4Source, encrypted: true }],
  ['checksum', withSum(sum, sum.length - 4), v4Source],
  ['LOCAL', v2({ command: 0x20, family: 0, body: Buffer.alloc(0) }), undefined],
  ['LOCAL with anything', v2({ command: 0x20, body: Buffer.alloc(50, 7) }), undefined],
  ['unspecified', v2({ family: 0, body: Buffer.alloc(0) }), undefined],
  ['unix', v2({ family: 0x31, body: Buffer.alloc(216) }), undefined],
  ['UDP', v2({ family: 0x12 }), undefined],
]

for (const [name, header, source] of valid) {
  test(`${name} is read up to its end, and needs each of its bytes`, () => {
    for (const more of ['', rest])
      assert.deepEqual(parse(Buffer.concat([header, Buffer.from(more)])), {
        kind: 'header',
        length: header.length,
        source,
      })
    for (let cut = 0; cut < header.length; cut += 1)
      assert.deepEqual(parse(header.subarray(0, cut)), { kind: 'more' }, `${cut} bytes`)
  })
}

test('the longest line of version 1 is accepted, and no longer one', () => {
  const line = (padding: number): Buffer => Buffer.from(`PROXY UNKNOWN ${'x'.repeat(padding)}\r\n`)
  assert.equal(parse(line(107 - 16)).kind, 'header')
  assert.equal(parse(line(108 - 16)).kind, 'invalid')
  assert.equal(parse(Buffer.from(`PROXY ${'x'.repeat(106 - 6)}`)).kind, 'more')
  assert.equal(parse(Buffer.from(`PROXY ${'x'.repeat(107 - 6)}`)).kind, 'invalid')
})

test('wrong headers are invalid', () => {
  const wrong: readonly Buffer[] = [
    'PROXY TCP4 203.0.113.7 10.0.0.1 8080\r\n',
    'PROXY TCP4 2001:db8::1 ::1 8080 443\r\n',
    'PROXY TCP6 203.0.113.7 10.0.0.1 8080 443\r\n',
    'PROXY TCP4 203.0.113.7 10.0.0.1 65536 443\r\n',
    'PROXY TCP4 203.0.113.7 10.0.0.1 8080 0443\r\n',
    'PROXY TCP4 203.0.113.7  10.0.0.1 8080 443\r\n',
    'PROXY TCP4 203.0.113.700 10.0.0.1 8080 443\r\n',
    'PROXY TCP5 203.0.113.7 10.0.0.1 8080 443\r\n',
    'PROXY tcp4 203.0.113.7 10.0.0.1 8080 443\r\n',
    'PROXY UNKNOWNX\r\n',
    'PROXY \r\n',
  ].map((line) => Buffer.from(line))
  const binary = [
    v2({ command: 0x11 }),
    v2({ command: 0x22 }),
    v2({ family: 0x41 }),
    v2({ body: v4.subarray(1) }),
    v2({ family: 0x21 }),
    v2({ length: 5000 }),
    v2({ body: Buffer.concat([v4, Buffer.from([4, 0, 9, 1])]) }),
    v2({ body: Buffer.concat([v4, Buffer.from([4])]) }),
    v2({ body: Buffer.concat([v4, tlv(3, Buffer.alloc(4, 1))]) }),
    v2({ body: Buffer.concat([v4, tlv(3, Buffer.alloc(3))]) }),
  ]
  for (const header of [...wrong, ...binary])
    assert.equal(parse(Buffer.concat([header, Buffer.from(rest)])).kind, 'invalid', header.toString('latin1'))
})

test('anything else is no header, at its first byte that differs', () => {
  for (const text of [
    'G',
    'PU',
    'PROP',
    'PROPFIND / HTTP/1.1',
    '\x16\x03\x01',
    '\r\nG',
    '\r\n\r\n\r',
    'PRI *',
    'PROXYX',
  ])
    assert.deepEqual(parse(Buffer.from(text, 'latin1')), { kind: 'none' }, text)
  for (const text of ['', 'P', 'PR', 'PROX', '\r\n', '\r\n\r\n'])
    assert.deepEqual(parse(Buffer.from(text)), { kind: 'more' }, text)
})

test('the checksum is Castagnoli’s', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
})
