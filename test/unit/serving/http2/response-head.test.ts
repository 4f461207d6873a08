// What a stream carries of a head that was written for HTTP/1.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHead } from '../../../../src/serving/http2/response-head.ts'

const parse = (text: string): ReturnType<typeof parseHead> => parseHead(Buffer.from(text, 'latin1'), 'utf8')

test('a head has its status, its fields in small letters, and what follows it', () => {
  const head = parse('HTTP/1.1 201 Created\r\nX-A: 1\r\nContent-Length:3\r\n\r\nabc')
  assert.deepEqual(head?.headers, { ':status': 201, 'x-a': '1', 'content-length': '3' })
  assert.deepEqual([head?.status, head?.rest.toString()], [201, 'abc'])
})

test('a head without its end is not complete, however it is divided', () => {
  const text = 'HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n'
  for (let length = 0; length < text.length; length += 1)
    assert.equal(parse(text.slice(0, length)), undefined, String(length))
  assert.equal(parse(text)?.status, 200)
})

test('fields of the connection are left out, in any case', () => {
  const fields = ['Connection: close', 'KEEP-ALIVE: timeout=5', 'Proxy-Connection: close', 'upgrade: ws']
  const head = parse(
    `HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n`,
  )
  assert.deepEqual(head?.headers, { ':status': 200, a: 'b' })
})

test('repeated fields are a list, values may have colons and be empty', () => {
  const head = parse(
    'HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nSet-Cookie: c\r\nL: x:y\r\nE:\r\n\r\n',
  )
  assert.deepEqual(head?.headers, { ':status': 200, 'set-cookie': ['a', 'b', 'c'], l: 'x:y', e: '' })
})

test('values keep their bytes', () => {
  const text = 'HTTP/1.1 200 OK\r\nX: \xe9\r\n\r\n\xe9'
  assert.equal(parse(text)?.headers['x'], '\xe9')
  assert.deepEqual(parseHead(text, 'latin1')?.headers, { ':status': 200, x: '\xe9' })
  const inUtf8 = parseHead(text, 'utf8')
  assert.deepEqual(inUtf8?.headers, { ':status': 200, x: '\xc3\xa9' })
  assert.deepEqual(inUtf8?.rest, Buffer.from('\xe9'))
})

test('text stays text, so that it is copied once', () => {
  const head = parseHead('HTTP/1.1 200 OK\r\nX: 1\r\n\r\n\u20ac', 'utf8')
  assert.deepEqual([head?.headers, head?.rest], [{ ':status': 200, x: '1' }, '\u20ac'])
})

test('a reason may be missing, and what is no response is null', () => {
  assert.equal(parse('HTTP/1.0 204\r\n\r\n')?.status, 204)
  assert.equal(parse('HTTP/1.1 200 \r\n\r\n')?.status, 200)
  for (const text of ['', 'GET / HTTP/1.1', 'HTTP/2 200 OK', 'HTTP/1.1 20 OK', 'HTTP/1.1 2000 OK', 'abc'])
    assert.equal(parse(`${text}\r\n\r\n`), null, text)
})

test('an interim head leaves the next one', () => {
  const head = parse('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')
  assert.equal(head?.status, 103)
  assert.equal(parseHead(head.rest, 'utf8')?.status, 200)
})
