// An ordinary request for tests of the access log; each test changes the properties that it tests.

import type { AccessContext, AccessEntry } from '../../../../src/logging/access/entry.ts'

export const context: AccessContext = {
  pid: 4711,
  worker: 2,
  environment: { REGION: 'eu-1', QUOTED: 'a"b', EMPTY: '' },
}

/** Returns the `requestHeader` of an entry with these headers. */
export function headers(values: Readonly<Record<string, string>>): AccessEntry['requestHeader'] {
  return (name) => (Object.hasOwn(values, name) ? values[name] : undefined)
}

export function sampleEntry(changes: Partial<AccessEntry> = {}): AccessEntry {
  return {
    time: Date.UTC(2026, 10, 23, 8, 15, 2, 7),
    duration: 1234.5678,
    remoteAddress: '192.0.2.7',
    method: 'GET',
    url: '/items/5?color=red&size=xl',
    httpVersion: '1.1',
    status: 200,
    bytes: 5120,
    outcome: 'complete',
    requestHeader: headers({
      host: 'shop.example',
      referer: 'https://example.org/start',
      'user-agent': 'curl/8.5.0',
    }),
    requestId: () => 'k3v9q0x2-17',
    queueTime: () => 12.3456,
    responseHeader: () => undefined,
    ...changes,
  }
}

/** A request that could not be parsed. */
export const unparsed: Partial<AccessEntry> = {
  remoteAddress: '',
  method: '',
  url: '',
  httpVersion: '',
  status: 400,
  bytes: 0,
  outcome: 'invalid',
  requestHeader: headers({}),
  requestId: () => undefined,
  queueTime: () => undefined,
}

/** Text that an attacker might send to forge a line, break a parser or control a terminal. */
export const hostileStrings: readonly string[] = [
  '" 200 0 "-" "forged',
  '\\" 200 \\',
  'a\r\n192.0.2.9 - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 0',
  '\u001b[31mred\u001b[0m',
  '\u009b31m',
  'nul\u0000nul',
  'del\u007f',
  'next\u0085line',
  'line\u2028paragraph\u2029',
  'lone \ud800 high',
  'lone \udc00 low',
  'pair \u{1f680}',
  '"},{"status":200,"x":"',
  'tab\there',
]

/** Pseudo-random strings, the same in each run, with many characters that must be escaped. */
export function* randomStrings(count: number): Generator<string> {
  const alphabet = [
    '"',
    '\\',
    '\n',
    '\r',
    '\0',
    '\t',
    ' ',
    '%',
    '?',
    '{',
    '}',
    '\u001b',
    '\u007f',
    '\u0085',
    '\u009b',
    '\u00e9',
  ]
  alphabet.push(
    '\u2028',
    '\u2029',
    '\ud800',
    '\udfff',
    '\u{1f600}',
    'a',
    'Z',
    '0',
    '/',
    ':',
    ',',
    '<',
    '\ufeff',
    '\uffff',
  )
  let seed = 20261123
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  for (let made = 0; made < count; made++) {
    let text = ''
    for (let length = next(24); length > 0; length--) text += alphabet[next(alphabet.length)] ?? ''
    yield text
  }
}
