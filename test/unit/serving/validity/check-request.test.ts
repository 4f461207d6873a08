// The check of a request's head: what passes Node's parser and is refused all the same.

import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { test } from 'node:test'
import {
  createRequestCheck,
  type CheckRequest,
  type RequestRules,
} from '../../../../src/serving/validity/check-request.ts'

const unlimited: RequestRules = { line: 0, fields: 0, fieldSize: 0, body: 0, requiresHost: true }

type Head = Parameters<CheckRequest>[0]

/** `GET /path`, `POST / 1.0` and fields such as `Host: a`. */
function head(line: string, ...fields: readonly string[]): Head {
  const [method = '', url = '', version = '1.1'] = line.split(' ')
  const [httpVersionMajor = 0, httpVersionMinor = 0] = version.split('.').map(Number)
  const rawHeaders = fields.flatMap((field) => {
    const colon = field.indexOf(':')
    return [field.slice(0, colon), field.slice(colon + 1).trim()]
  })
  const host = fields.find((field) => /^host:/i.test(field))?.slice(5)
  return {
    socket: new Socket(),
    method,
    url,
    httpVersionMajor,
    httpVersionMinor,
    rawHeaders,
    headers: { host: host?.trim() },
  }
}

const statusOf = (request: Head, rules: Partial<RequestRules> = {}): number | undefined =>
  createRequestCheck({ ...unlimited, ...rules })(request)?.status

test('exactly one Host, except in HTTP/1.0, which may have none', () => {
  for (const [fields, line, status] of [
    [['Host: a'], 'GET /', undefined],
    [['HOST: a.example:8080'], 'GET /', undefined],
    [[], 'GET /', 400],
    [[], 'GET / 1.0', undefined],
    [['Host: a'], 'GET / 1.0', undefined],
    [['Host: a', 'Host: b'], 'GET / 1.0', 400],
    [['Host: a', 'host: a'], 'GET /', 400],
    [['Host:'], 'GET /', 400],
    [['Hose: a'], 'GET /', 400],
  ] as const)
    assert.equal(statusOf(head(line, ...fields)), status, `${line} ${fields.join()}`)
  assert.equal(statusOf(head('GET /'), { requiresHost: false }), undefined)
})

test('a Host is a name or an address with an optional port', () => {
  for (const host of [
    'a',
    'a.b',
    'A_b-c~d',
    '1.2.3.4',
    '[::1]',
    '[::1]:80',
    'a:',
    'a:0',
    'a:65535',
    '%41',
    "a!$&'()*+;=",
  ])
    assert.equal(statusOf(head('GET /', `Host: ${host}`)), undefined, host)
  for (const host of [
    '',
    'a b',
    'a/b',
    'u@a',
    'a:b',
    'a:80:80',
    'a:65536',
    '::1',
    '[::1',
    '[]',
    '[a]',
    '[fe80::1%25eth0]',
    'a,b',
    'a?',
    'a#',
    '%4',
    'é',
    '"a"',
    'http://a',
  ])
    assert.equal(statusOf(head('GET /', `Host: ${host}`)), 400, host)
})

test('the form of the target fits the method', () => {
  for (const line of [
    'GET /',
    'GET /a?b=c??d',
    'GET //a',
    'OPTIONS *',
    'GET http://a',
    'GET HTTPS://a:1/b?c',
    'GET http://a?b',
    'GET /"<>|{}^`\\',
  ])
    assert.equal(statusOf(head(line, 'Host: a')), undefined, line)
  for (const line of [
    'GET *',
    'OPTIONS *?',
    'GET /a#b',
    'GET http://a/#b',
    'GET http:///a',
    'GET http://u@a/',
    'GET ftp://a/',
    'GET a',
    'GET a:80',
    'GET /é',
    'GET /\u0001',
    'GET /\u007f',
    'CONNECT /',
    'CONNECT a',
    'CONNECT u@a:1',
  ])
    assert.equal(statusOf(head(line, 'Host: a')), 400, line)
  assert.equal(statusOf(head('CONNECT a:443', 'Host: a:443')), undefined)
})

test('the host of a target in absolute form replaces that of Host', () => {
  const request = head('GET http://b:1/x', 'Accept: *', 'hOST: a')
  assert.equal(statusOf(request), undefined)
  assert.deepEqual([request.headers.host, request.rawHeaders], ['b:1', ['Accept', '*', 'hOST', 'b:1']])
  const old = head('GET http://b/x 1.0')
  assert.equal(statusOf(old), undefined)
  assert.deepEqual([old.headers.host, old.rawHeaders], ['b', ['Host', 'b']])
})

test('only HTTP/1.0 and HTTP/1.1, and only methods of HTTP', () => {
  for (const [line, status] of [
    ['GET / 0.9', 505],
    ['GET / 2.0', 505],
    ['GET / 1.2', 505],
    ['DESCRIBE / 1.0', 501],
    ['SOURCE / 1.0', 501],
    ['POST / 1.0', undefined],
  ] as const)
    assert.equal(statusOf(head(line, 'Host: a')), status, line)
})

test('the end of a body is said once, by chunked or by a length', () => {
  const status = (...fields: readonly string[]): number | undefined =>
    statusOf(head('POST /', 'Host: a', ...fields))
  assert.equal(status('Transfer-Encoding: Chunked'), undefined)
  assert.equal(status('Content-Length: 5'), undefined)
  assert.equal(status('Transfer-Encoding: gzip, chunked'), 501)
  for (const fields of [
    ['Transfer-Encoding:'],
    ['Transfer-Encoding: , chunked'],
    ['Transfer-Encoding: chunked;a=b'],
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    ['Content-Length: 5', 'Content-Length: 5'],
  ])
    assert.equal(status(...fields), 400, fields.join())
  assert.equal(statusOf(head('POST / 1.0', 'Transfer-Encoding: chunked')), 400)
})

test('an expectation is 100-continue alone; others are refused by another listener', () => {
  const status = (value: string, line = 'POST /'): number | undefined =>
    statusOf(head(line, 'Host: a', `Expect: ${value}`))
  assert.equal(status('100-Continue'), undefined)
  assert.equal(status('x'), undefined)
  assert.equal(status('100-continue, x'), 417)
  assert.equal(status('100-continue, x', 'POST / 1.0'), undefined)
})

test('a limit is the largest that passes', () => {
  const line = 'GET /1234'
  const size = 'GET /1234 HTTP/1.1'.length
  assert.equal(statusOf(head(line, 'Host: a'), { line: size }), undefined)
  assert.equal(statusOf(head(line, 'Host: a'), { line: size - 1 }), 414)
  assert.equal(statusOf(head(line, 'Host: a', 'b: c'), { fields: 2 }), undefined)
  assert.equal(statusOf(head(line, 'Host: a', 'b: c'), { fields: 1 }), 431)
  assert.equal(statusOf(head(line, 'Host: a', 'b: cd'), { fieldSize: 9 }), undefined)
  assert.equal(statusOf(head(line, 'Host: a', 'b: cd'), { fieldSize: 8 }), 431)
  assert.equal(statusOf(head(line, 'Host: a', 'Content-Length: 10'), { body: 10 }), undefined)
  assert.equal(statusOf(head(line, 'Host: a', 'Content-Length: 11'), { body: 10 }), 413)
})

test('one check serves many requests', () => {
  const check = createRequestCheck(unlimited)
  const statuses = [head('GET /', 'Host: a'), head('GET /'), head('POST /', 'Host: a', 'Content-Length: 1')]
  assert.deepEqual(
    [...statuses, ...statuses].map((request) => check(request)?.status),
    [undefined, 400, undefined, undefined, 400, undefined],
  )
})
