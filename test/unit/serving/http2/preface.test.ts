import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginsWithPreface } from '../../../../src/serving/http2/preface.ts'

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const decide = (text: string): boolean | undefined => beginsWithPreface(Buffer.from(text))

test('the whole preface is HTTP/2, a part of it is not decided', () => {
  assert.equal(decide(preface), true)
  assert.equal(decide(`${preface}more`), true)
  for (let length = 0; length < preface.length; length += 1)
    assert.equal(decide(preface.slice(0, length)), undefined, String(length))
})

test('the first byte that differs decides', () => {
  for (const text of ['G', 'P0', 'PUT', 'POST / HTTP/1.1', 'pri', 'PRI * HTTP/1.1', '\r\n', '\x16\x03'])
    assert.equal(decide(text), false, text)
  for (let at = 0; at < preface.length; at += 1)
    assert.equal(decide(`${preface.slice(0, at)}\0${preface.slice(at + 1)}`), false, String(at))
})
