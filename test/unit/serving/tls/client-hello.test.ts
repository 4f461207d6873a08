import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { clientHelloIn, incomplete, type ClientHello } from '../../../../src/serving/tls/client-hello.ts'
import { helloOf } from '../../../helpers/client-hello.ts'

const nothing = { name: undefined, protocols: [] }

const clients: readonly (readonly [string, ConnectionOptions, ClientHello])[] = [
  ['TLS 1.3', { servername: 'a.example' }, { name: 'a.example', protocols: [] }],
  ['TLS 1.2', { servername: 'b.example', maxVersion: 'TLSv1.2' }, { name: 'b.example', protocols: [] }],
  [
    'many protocols',
    { servername: 'c.example', ALPNProtocols: ['h2', 'http/1.1'] },
    { name: 'c.example', protocols: ['h2', 'http/1.1'] },
  ],
  [
    'an authority of ACME',
    { servername: 'd.example', ALPNProtocols: ['acme-tls/1'] },
    { name: 'd.example', protocols: ['acme-tls/1'] },
  ],
  ['no name', {}, nothing],
]

for (const [name, options, expected] of clients)
  test(`what a real client asks for, byte by byte: ${name}`, async () => {
    const hello = await helloOf(options)
    assert.deepEqual(clientHelloIn(hello), expected)
    assert.deepEqual(clientHelloIn(Buffer.concat([hello, hello])), expected)
    for (let length = 0; length < hello.length; length += 1)
      assert.equal(clientHelloIn(hello.subarray(0, length)), incomplete, `${length} of ${hello.length}`)
  })

test('a message in several records is put together', async () => {
  const hello = await helloOf({ servername: 'a.example' })
  const body = hello.subarray(5)
  const record = (part: Buffer): Buffer => {
    const head = Buffer.from([0x16, 3, 1, 0, 0])
    head.writeUInt16BE(part.length, 3)
    return Buffer.concat([head, part])
  }
  for (const cut of [1, 3, 40, body.length - 1]) {
    const first = record(body.subarray(0, cut))
    assert.equal(clientHelloIn(first), incomplete)
    assert.deepEqual(clientHelloIn(Buffer.concat([first, record(body.subarray(cut))])), {
      name: 'a.example',
      protocols: [],
    })
  }
})

test('what is no ClientHello asks for nothing, and nothing throws', async () => {
  for (const text of [
    'GET / HTTP/1.1\r\n',
    '\x15\x03\x01\x00\x02\x02\x28',
    '\x16\x03\x01\x00\x00',
    '\x16\x03\x01\x00\x05\x02abcd',
  ])
    assert.deepEqual(clientHelloIn(Buffer.from(text, 'latin1')), nothing)
  const hello = await helloOf({ servername: 'a.example', ALPNProtocols: ['h2', 'http/1.1'] })
  let seed = 1
  const random = (below: number): number => (seed = (seed * 16_807) % 2_147_483_647) % below
  for (let round = 0; round < 20_000; round += 1) {
    const damaged = Buffer.from(hello)
    for (let times = 0; times < 3; times += 1) damaged[random(damaged.length)] = random(256)
    clientHelloIn(damaged)
  }
})
