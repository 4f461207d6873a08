import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { parseAddress } from '../../../src/listen/address.ts'
import { keyOf } from '../../../src/listen/same-address.ts'
import { schemesOf } from '../../../src/listen/socket-scheme.ts'

const socket = (text: string, activation?: string): Parameters<typeof schemesOf>[0][number] => {
  const address = parseAddress(text)
  return {
    requested: keyOf(address),
    address: address.kind === 'unix' ? { ...address, path: resolve(address.path) } : address,
    activation,
  }
}

test('each socket has the scheme of its entry, also of two with the same text', () => {
  const bind = ['https://127.0.0.1:0', 'http://127.0.0.1:0', '127.0.0.1:0', 'http+unix:a.sock']
  assert.deepEqual(
    schemesOf(
      bind.map((text) => socket(text)),
      bind,
      'https',
    ),
    ['https', 'http', 'https', 'http'],
  )
})

test('sockets of slots come last, and have the scheme of the entry with {nr}', () => {
  const bind = ['https+unix:app.{nr}.sock', 'http://:8000']
  const sockets = [socket(':8000'), socket('unix:app.0.sock'), socket('unix:app.1.sock')]
  assert.deepEqual(schemesOf(sockets, bind, 'http'), ['http', 'https', 'https'])
})

test('sockets of systemd are found by address and by name, and follow the certificate without an entry', () => {
  const sockets = [{ ...socket('fd://3', 'web'), address: parseAddress(':443') }, socket('fd://4', 'unknown')]
  assert.deepEqual(schemesOf(sockets, ['http://:9', 'http+fd://web'], 'https'), ['http', 'https'])
  assert.deepEqual(schemesOf(sockets, ['http://:443'], 'https'), ['http', 'https'])
  assert.deepEqual(schemesOf(sockets, ['127.0.0.1:8000'], 'http'), ['http', 'http'])
})
