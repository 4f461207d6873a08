// The chunked encoding that Node and apps put on a body for HTTP/1 is taken off for HTTP/2.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChunkedBody } from '../../../../src/serving/http2/chunked-body.ts'

const text = '5\r\nh\xe9llo\r\nA;ext=1\r\n0123\r\n6789\r\n0\r\nX-T: 1\r\nX-T: 2\r\nConnection: close\r\n\r\n'

function read(pieces: readonly (string | Buffer)[]): { readonly data: string; readonly trailers: unknown } {
  const body = new ChunkedBody()
  const data = pieces.map((piece) => {
    const found = body.read(piece, 'latin1')
    assert.ok(found, 'is valid')
    return found.map((each) => (typeof each === 'string' ? each : each.toString('latin1'))).join('')
  })
  return { data: data.join(''), trailers: { ...body.trailers } }
}

const expected = { data: 'h\xe9llo0123\r\n6789', trailers: { 'x-t': ['1', '2'] } }

test('data and trailers are found, wherever the body is divided', () => {
  assert.deepEqual(read([text]), expected)
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 1; at < bytes.length; at += 1)
    assert.deepEqual(read([bytes.subarray(0, at), text.slice(at)]), expected, String(at))
  assert.deepEqual(read([...text]), expected)
})

test('data that is written by itself is passed on as it is', () => {
  const body = new ChunkedBody()
  const data = Buffer.from('abc')
  assert.deepEqual(body.read('3\r\n', 'latin1'), [])
  assert.equal(body.read(data, 'utf8')?.[0], data)
  assert.deepEqual(body.read('\r\n2\r\n', 'latin1'), [])
  assert.deepEqual(body.read('\u00e9', 'utf8'), ['\u00e9'], 'two bytes')
  assert.deepEqual(body.read('\r\n0\r\n\r\n', 'latin1'), [])
})

test('what is no chunked encoding is null', () => {
  for (const wrong of ['x\r\n', '\r\n', '-1\r\n', '3\r\nabcd\r\n', '1\r\na\r\n0\r\n\r\nmore\r\n'])
    assert.equal(new ChunkedBody().read(wrong, 'latin1'), null, JSON.stringify(wrong))
})
