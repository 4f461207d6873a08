// The JSON access line: its fields are a contract, and no value can break the line.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileAccessFormat } from '../../../../src/logging/access/compile.ts'
import type { AccessEntry } from '../../../../src/logging/access/entry.ts'
import { accessFields, clientCertificateFields, serviceFields } from '../../../../src/logging/access/json.ts'
import { findHeader } from '../../../../src/logging/access/raw-headers.ts'
import { context, headers, hostileStrings, randomStrings, sampleEntry, unparsed } from './sample.ts'

const format = compileAccessFormat('json', context)

function parse(changes?: Partial<AccessEntry>): Record<string, unknown> {
  const line = format(sampleEntry(changes))
  assert.match(line, /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+\n$/)
  return JSON.parse(line)
}

test('an ordinary request is written field by field', () => {
  assert.deepEqual(parse(), {
    time: '2026-11-23T08:15:02.007Z',
    nr: 2,
    pid: 4711,
    remote_addr: '192.0.2.7',
    method: 'GET',
    path: '/items/5',
    query: 'color=red&size=xl',
    protocol: 'HTTP/1.1',
    status: 200,
    bytes: 5120,
    duration_ms: 1234.568,
    queue_ms: 12.346,
    referer: 'https://example.org/start',
    user_agent: 'curl/8.5.0',
    host: 'shop.example',
    request_id: 'k3v9q0x2-17',
    outcome: 'complete',
  })
})

test('the table of fields has the names and the order of a real line', () => {
  const names = accessFields.map((field) => field.name)
  assert.deepEqual(Object.keys(parse()), names)
  assert.deepEqual(Object.keys(parse(unparsed)), names)
})

test('in a server with services a line has the name of the service, after the number', () => {
  const extended = compileAccessFormat('json', { ...context, service: 'live' })
  const line = JSON.parse(extended(sampleEntry({}))) as Record<string, unknown>
  const [time, nr, ...more] = accessFields.map(({ name }) => name)
  assert.deepEqual(Object.keys(line), [time, nr, ...serviceFields.map(({ name }) => name), ...more])
  assert.equal(line['service'], 'live')
})

test('with certificates of clients a line has their subject and result, before the outcome', () => {
  const extended = compileAccessFormat('json', { ...context, clientCertificates: true })
  const fieldsOf = (entry: Partial<AccessEntry>): Record<string, unknown> =>
    JSON.parse(extended(sampleEntry(entry))) as Record<string, unknown>
  const names = accessFields.map(({ name }) => name)
  const more = clientCertificateFields.map(({ name }) => name)
  assert.deepEqual(Object.keys(fieldsOf({})), [...names.slice(0, -1), ...more, 'outcome'])
  const facts = { protocol: '', cipher: '', serverName: '', resumed: false, verify: 'SUCCESS' } as const
  for (const subject of ['CN=a"b\\c\n,O=ä', ...hostileStrings.filter((text) => text !== '')]) {
    const { client_subject, client_verify } = fieldsOf({ tls: () => ({ ...facts, subject }) })
    assert.deepEqual([client_subject, client_verify], [subject, 'SUCCESS'])
  }
  const { client_subject, client_verify } = fieldsOf({})
  assert.deepEqual([client_subject, client_verify], [null, null])
})

test('the table of fields has the types of a real line', () => {
  const checks: Record<(typeof accessFields)[number]['type'], (value: unknown) => boolean> = {
    string: (value) => typeof value === 'string',
    'string or null': (value) => typeof value === 'string' || value === null,
    integer: Number.isInteger,
    number: (value) => typeof value === 'number',
    'number or null': (value) => typeof value === 'number' || value === null,
  }
  for (const line of [parse(), parse(unparsed)]) {
    for (const { name, type } of accessFields) assert.ok(checks[type](line[name]), `${name} is ${type}`)
  }
})

test('exactly the fields that may be absent are null for a request that could not be parsed', () => {
  const line = parse(unparsed)
  const nullable = accessFields.filter((field) => field.type.endsWith('or null')).map((field) => field.name)
  assert.deepEqual(
    Object.keys(line).filter((name) => line[name] === null),
    nullable,
  )
  assert.equal(line.outcome, 'invalid')
  assert.equal(line.status, 400)
})

test('the duration is written with three decimals', () => {
  assert.match(format(sampleEntry({ duration: 2 })), /"duration_ms":2\.000,/)
})

test('the query is the text after the first question mark', () => {
  for (const [url, path, query] of [
    ['/a?b?c', '/a', 'b?c'],
    ['/a?', '/a', ''],
    ['/a', '/a', ''],
    ['?', '', ''],
    ['*', '*', ''],
  ]) {
    const line = parse({ url: url ?? '' })
    assert.deepEqual([line.path, line.query], [path, query])
  }
})

test('an empty header is empty, not null', () => {
  assert.equal(parse({ requestHeader: headers({ referer: '' }) }).referer, '')
})

test('repeated headers are joined, and a header with the name of an object property is ordinary', () => {
  const raw = ['User-Agent', 'a', 'Host', 'x', 'USER-AGENT', 'b"', 'constructor', 'c']
  const line = parse({ requestHeader: (name) => findHeader(raw, name) })
  assert.deepEqual([line.user_agent, line.host, line.referer], ['a, b"', 'x', null])
  assert.deepEqual([findHeader(raw, 'constructor'), findHeader(raw, 'tostring')], ['c', undefined])
})

test('the host of an HTTP/2 request is its :authority', () => {
  const line = parse({ httpVersion: '2.0', requestHeader: headers({ ':authority': 'h2.example' }) })
  assert.deepEqual([line.host, line.protocol], ['h2.example', 'HTTP/2.0'])
})

test('numbers that JSON cannot write do not break the line', () => {
  const line = parse({ status: Number.NaN, bytes: Number.POSITIVE_INFINITY, duration: Number.NaN })
  assert.deepEqual([line.status, line.bytes, line.duration_ms], [0, 0, 0])
})

test('every string can be read back unchanged', () => {
  for (const text of [...hostileStrings, ...randomStrings(3000)]) {
    const line = parse({
      remoteAddress: text,
      method: text,
      url: text,
      httpVersion: text,
      requestHeader: headers({ referer: text, 'user-agent': text, host: text }),
    })
    const orNull = text === '' ? null : text
    assert.deepEqual([line.remote_addr, line.method], [orNull, orNull])
    assert.deepEqual([line.referer, line.user_agent, line.host], [text, text, text])
    assert.equal(line.protocol, text === '' ? null : `HTTP/${text}`)
    const [path, ...query] = text.split('?')
    assert.deepEqual([line.path, line.query], text === '' ? [null, null] : [path, query.join('?')])
    assert.deepEqual([line.status, line.outcome], [200, 'complete'])
  }
})
