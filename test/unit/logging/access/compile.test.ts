// gunicorn's atoms, the two Apache formats that use them, and the errors for an invalid format.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessAtomFamilies, accessAtoms } from '../../../../src/logging/access/atoms.ts'
import { clfClock } from '../../../../src/logging/access/clock.ts'
import { AccessFormatError, compileAccessFormat } from '../../../../src/logging/access/compile.ts'
import type { AccessEntry } from '../../../../src/logging/access/entry.ts'
import { context, headers, hostileStrings, randomStrings, sampleEntry, unparsed } from './sample.ts'

function write(format: string, changes?: Partial<AccessEntry>): string {
  const line = compileAccessFormat(format, context)(sampleEntry(changes))
  assert.ok(line.endsWith('\n'))
  return line.slice(0, -1)
}

const basicToken = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`

const basic = (credentials: string): Partial<AccessEntry> => ({
  requestHeader: headers({ authorization: basicToken(credentials) }),
})

const ordinary: Record<keyof typeof accessAtoms, string> = {
  h: '192.0.2.7',
  l: '-',
  u: '-',
  t: clfClock()(sampleEntry().time),
  r: 'GET /items/5?color=red&size=xl HTTP/1.1',
  m: 'GET',
  U: '/items/5',
  q: 'color=red&size=xl',
  H: 'HTTP/1.1',
  s: '200',
  B: '5120',
  b: '5120',
  f: 'https://example.org/start',
  a: 'curl/8.5.0',
  T: '1',
  M: '1234',
  D: '1234568',
  L: '1.234568',
  I: 'k3v9q0x2-17',
  Q: '12',
  p: '<4711>',
}

for (const [letter, expected] of Object.entries(ordinary)) {
  test(`%(${letter})s of an ordinary request is ${letter === 't' ? 'its local time' : expected}`, () => {
    assert.equal(write(`%(${letter})s`), expected)
  })
}

const ofUnparsed = {
  h: '-',
  u: '-',
  r: '-',
  m: '-',
  U: '-',
  q: '',
  H: '-',
  s: '400',
  B: '0',
  b: '-',
  f: '-',
  a: '-',
  I: '-',
}

for (const [letter, expected] of Object.entries(ofUnparsed)) {
  test(`%(${letter})s of a request that could not be parsed is "${expected}"`, () => {
    assert.equal(write(`%(${letter})s`, unparsed), expected)
  })
}

test('there are the nineteen letters of gunicorn, and two of tsgun', () => {
  assert.equal(Object.keys(accessAtoms).sort().join(''), 'BDHILMQTUabfhlmpqrstu')
  assert.equal(Object.keys(accessAtomFamilies).sort().join(''), 'eiox')
})

test('a short duration keeps its leading zeros', () => {
  assert.equal(write('%(T)s %(M)s %(D)s %(L)s', { duration: 0.25 }), '0 0 250 0.000250')
})

test('the user of Basic authentication is shown, the password is not', () => {
  assert.equal(write('%(u)s', basic('anna:secret:with:colons')), 'anna')
  assert.equal(
    write('%(u)s', { requestHeader: headers({ authorization: 'bAsIc YW5uYTpzZWNyZXQ=' }) }),
    'anna',
  )
  assert.equal(write('%(u)s', basic('j\u00f6rg:secret')), 'j\\xf6rg')
})

test('credentials without a user name are shown as a dash', () => {
  for (const credentials of ['secret-without-colon', ':secret', ''])
    assert.equal(write('%(u)s', basic(credentials)), '-')
  for (const authorization of [
    'Bearer secret',
    'Basic',
    'Basic !!!!',
    'Basically c2VjcmV0OnNlY3JldA==',
    '',
  ]) {
    assert.equal(write('%(u)s', { requestHeader: headers({ authorization }) }), '-')
  }
})

test('a user name cannot end its column', () => {
  assert.equal(write('%(u)s', basic('x [1/Jan] "GET\n:p')), 'x\\x20[1/Jan]\\x20\\"GET\\x0a')
})

test('request headers are found in any case in the format', () => {
  const requestHeader = headers({ 'x-request-id': 'id-1', 'set-cookie': 'a=1, b=2', 'x-empty': '' })
  assert.equal(
    write('%({X-Request-Id}i)s|%({set-cookie}i)s|%({x-empty}i)s|%({x-none}i)s', { requestHeader }),
    'id-1|a=1, b=2|-|-',
  )
})

test('a header with the name of an object property is an ordinary header', () => {
  assert.equal(write('%({constructor}i)s %({__proto__}i)s %({toString}e)s'), '- - -')
})

test('response headers can be strings, numbers and lists', () => {
  const headers: Record<string, string | number | string[]> = {
    'content-length': 12,
    vary: ['a', 'b'],
    etag: 'W/"x"',
    'x-zero': 0,
  }
  const responseHeader = (name: string): string | number | string[] | undefined => headers[name]
  const line = write('%({Content-Length}o)s|%({vary}o)s|%({etag}o)s|%({x-zero}o)s|%({x-none}o)s', {
    responseHeader,
  })
  assert.equal(line, '12|a, b|W/\\"x\\"|0|-')
})

test('environment variables keep their case and are escaped', () => {
  assert.equal(write('%({REGION}e)s|%({region}e)s|%({QUOTED}e)s|%({EMPTY}e)s'), 'eu-1|-|a\\"b|-')
})

test('two percent signs are written as one', () => {
  assert.equal(write('100%% %%(h)s %%%(m)s%%'), '100% %(h)s %GET%')
})

test('text around the atoms is written unchanged', () => {
  assert.equal(write('\u00fc {"m": "%(m)s"}\t(%(s)s)'), '\u00fc {"m": "GET"}\t(200)')
})

test('combined and common are the formats of Apache', () => {
  const common = `192.0.2.7 - anna ${ordinary.t} "POST /x HTTP/1.0" 201 -`
  const changes = {
    ...basic('anna:secret'),
    method: 'POST',
    url: '/x',
    httpVersion: '1.0',
    status: 201,
    bytes: 0,
  }
  assert.equal(write('common', changes), common)
  assert.equal(write('combined', changes), `${common} "-" "-"`)
  assert.match(write('combined'), / 200 5120 "https:\/\/example\.org\/start" "curl\/8\.5\.0"$/)
})

test('each compiled format has its own context', () => {
  const other = compileAccessFormat('%(p)s', { ...context, pid: 1 })
  assert.equal(write('%(p)s'), '<4711>')
  assert.equal(other(sampleEntry()), '<1>\n')
})

const broken: readonly (readonly [format: string, said: string, position: number])[] = [
  ['%(h)s %(x)s', 'unknown atom "%(x)s"', 7],
  ['%(S)s', 'unknown atom "%(S)s"', 1],
  ['%(st)s', 'unknown atom "%(st)s"', 1],
  ['%()s', 'unknown atom "%()s"', 1],
  ['%(s)d', 'unknown atom "%(s)d"', 1],
  ['%h', 'unknown atom "%h"', 1],
  ['%% %(h', 'unknown atom "%(h"', 4],
  ['%(h %(s)s', 'unknown atom "%(h"', 1],
  ['%({referer}x)s', 'unknown atom "%({referer}x)s"', 1],
  ['%({}i)s', 'unknown atom "%({}i)s"', 1],
  ['%({SSL_CLIENT_KEY}x)s', 'unknown atom "%({SSL_CLIENT_KEY}x)s"', 1],
  ['%(constructor)s', 'unknown atom "%(constructor)s"', 1],
  ['%(h)s %', 'dangling "%"', 7],
  ['%(h)s\n%(s)s', 'line break', 6],
  ['%(h)s %(s)s\n', 'line break', 12],
  ['combind', '"combind" is not json, combined or common', 1],
  ['', '"" is not json', 1],
]

for (const [format, said, position] of broken) {
  test(`the format ${JSON.stringify(format)} is refused: ${said}`, () => {
    assert.throws(
      () => compileAccessFormat(format, context),
      (error) => {
        assert.ok(error instanceof AccessFormatError)
        assert.ok(error.message.startsWith(`access_log_format: ${said}`), error.message)
        assert.match(error.message, new RegExp(` at position ${position}\\.`))
        assert.equal(error.position, position)
        return true
      },
    )
  })
}

test('the error lists every known atom', () => {
  const known = [
    ...Object.keys(accessAtoms).map((letter) => `%(${letter})s`),
    '%({header}i)s',
    '%({header}o)s',
    '%({variable}e)s',
    '%({variable}x)s',
  ]
  assert.throws(
    () => compileAccessFormat('%(x)s', context),
    (error) => error instanceof Error && known.every((atom) => error.message.includes(` ${atom}`)),
  )
})

const handshake = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  serverName: 'a.example',
  resumed: false,
  subject: 'CN=shop,O=Example',
  verify: 'SUCCESS',
} as const

test('the variables of TLS have the names of Apache, and are "-" without TLS', () => {
  const format = '%({SSL_PROTOCOL}x)s %({SSL_CIPHER}x)s %({SSL_TLS_SNI}x)s %({SSL_SESSION_RESUMED}x)s'
  assert.equal(write(format, { tls: () => handshake }), 'TLSv1.3 TLS_AES_256_GCM_SHA384 a.example Initial')
  const client = '%({SSL_CLIENT_S_DN}x)s %({SSL_CLIENT_VERIFY}x)s'
  assert.equal(write(client, { tls: () => handshake }), 'CN=shop,O=Example SUCCESS')
  assert.equal(write(client, { tls: () => ({ ...handshake, subject: '', verify: 'NONE' }) }), '- NONE')
  assert.equal(write(client, {}), '- -')
})

const everyAtom = [
  ...Object.keys(accessAtoms).map((letter) => `"%(${letter})s"`),
  '"%({x}i)s"',
  '"%({y}o)s"',
  '"%({z}e)s"',
  '"%({SSL_CLIENT_S_DN}x)s"',
  '"%({SSL_TLS_SNI}x)s"',
].join(' ')

test('no value of any atom can close its quotes, end the line or send a control character', () => {
  for (const text of [...hostileStrings, ...randomStrings(2000)]) {
    const format = compileAccessFormat(everyAtom, { ...context, environment: { z: text } })
    const line = format(
      sampleEntry({
        remoteAddress: text,
        method: text,
        url: text,
        httpVersion: text,
        requestHeader: headers({
          authorization: basicToken(`${text}:p`),
          referer: text,
          'user-agent': text,
          x: text,
        }),
        tls: () => ({ ...handshake, subject: text, serverName: text }),
        responseHeader: () => [text, text],
      }),
    )
    assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
    assert.match(line, /^(?:"(?:[^"\\]|\\.)*"(?: (?!$)|(?=\n$))){26}\n$/u)
  }
})

test('combined keeps its nine columns whatever the client sends', () => {
  const format = compileAccessFormat('combined', context)
  for (const text of [...hostileStrings, ...randomStrings(1000)]) {
    const requestHeader = headers({
      authorization: basicToken(`${text}:p`),
      referer: text,
      'user-agent': text,
    })
    const line = format(sampleEntry({ url: `/${text}`, requestHeader }))
    assert.match(
      line,
      /^192\.0\.2\.7 - \S+ \[[^\]]+\] "(?:[^"\\]|\\.)*" 200 5120 "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"\n$/u,
    )
  }
})
