import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addressProblem,
  addressUrl,
  formatAddress,
  parseAddress,
  schemeOf,
  type Scheme,
} from '../../../src/listen/address.ts'

const valid: Readonly<Record<string, readonly [object, string]>> = {
  '127.0.0.1:80': [{ kind: 'tcp', host: '127.0.0.1', port: 80 }, 'http://127.0.0.1:80'],
  'tcp://127.0.0.1:80': [{ kind: 'tcp', host: '127.0.0.1', port: 80 }, 'http://127.0.0.1:80'],
  'example.com': [{ kind: 'tcp', host: 'example.com', port: 8000 }, 'http://example.com:8000'],
  ':0': [{ kind: 'tcp', host: '0.0.0.0', port: 0 }, 'http://0.0.0.0:0'],
  ':65535': [{ kind: 'tcp', host: '0.0.0.0', port: 65_535 }, 'http://0.0.0.0:65535'],
  '[::1]:80': [{ kind: 'tcp', host: '::1', port: 80 }, 'http://[::1]:80'],
  '[::1]': [{ kind: 'tcp', host: '::1', port: 8000 }, 'http://[::1]:8000'],
  '[fe80::1%eth0]:1': [{ kind: 'tcp', host: 'fe80::1%eth0', port: 1 }, 'http://[fe80::1%eth0]:1'],
  'unix:/run/a.sock': [{ kind: 'unix', path: '/run/a.sock' }, 'unix:/run/a.sock'],
  'unix:///run/a.sock': [{ kind: 'unix', path: '/run/a.sock' }, 'unix:/run/a.sock'],
  'unix:a b.sock': [{ kind: 'unix', path: 'a b.sock' }, 'unix:a b.sock'],
  'fd://3': [{ kind: 'fd', fd: 3 }, 'fd://3'],
  'fd://web.socket': [{ kind: 'name', name: 'web.socket' }, 'fd://web.socket'],
}
for (const [text, [address, url]] of Object.entries(valid)) {
  test(`"${text}" is an address`, () => {
    const parsed = parseAddress(text)
    assert.deepEqual(parsed, address)
    assert.equal(addressUrl(parsed), url)
    assert.deepEqual(parseAddress(formatAddress(parsed)), parsed, 'as it is shown it can be typed')
    assert.equal(addressProblem(text), undefined)
  })
}

const schemes: Readonly<Record<string, readonly [Scheme | undefined, object, string]>> = {
  'https://0.0.0.0:8443': ['https', { kind: 'tcp', host: '0.0.0.0', port: 8443 }, 'https://0.0.0.0:8443'],
  'HTTPS://[::]': ['https', { kind: 'tcp', host: '::', port: 443 }, 'https://[::]:443'],
  'https://:0': ['https', { kind: 'tcp', host: '0.0.0.0', port: 0 }, 'https://0.0.0.0:0'],
  'http://example.com': ['http', { kind: 'tcp', host: 'example.com', port: 80 }, 'http://example.com:80'],
  'https+unix:/run/a.sock': ['https', { kind: 'unix', path: '/run/a.sock' }, 'https+unix:/run/a.sock'],
  'http+unix:a.sock': ['http', { kind: 'unix', path: 'a.sock' }, 'unix:a.sock'],
  'https+fd://web': ['https', { kind: 'name', name: 'web' }, 'https+fd://web'],
  ':8000': [undefined, { kind: 'tcp', host: '0.0.0.0', port: 8000 }, 'http://0.0.0.0:8000'],
}
for (const [text, [scheme, address, url]] of Object.entries(schemes)) {
  test(`"${text}" is an address with the scheme ${scheme}`, () => {
    const parsed = parseAddress(text)
    assert.equal(schemeOf(text), scheme)
    assert.deepEqual(parsed, address)
    assert.equal(addressUrl(parsed, scheme), url)
    assert.equal(addressProblem(text), undefined)
  })
}

const invalid: Readonly<Record<string, RegExp>> = {
  '': /it is empty/,
  '::1': /an IPv6 address needs brackets/,
  '::1:8000': /an IPv6 address needs brackets/,
  '[]:80': /the text in brackets is not an IPv6 address/,
  '[host]:80': /the text in brackets is not an IPv6 address/,
  '[::1': /./,
  'h:': /a port is a number/,
  'h:65536': /a port is a number/,
  'h:-1': /a port is a number/,
  'h:8e1': /a port is a number/,
  'a b:80': /cannot contain spaces or slashes/,
  'http://host:80/': /^an address has no path: write "http:\/\/host:80"$/,
  'https://host/path': /^an address has no path: write "https:\/\/host"$/,
  'https:///run/a.sock': /^an address has no path/,
  'https://': /it is empty/,
  'https+unix:': /the path after "unix:" is missing/,
  'ws://host:80': /^write "host:80", without "ws:\/\/"$/,
  'wss://host': /^write "https:\/\/host", without "wss:\/\/"$/,
  '/run/a.sock': /^did you mean "unix:\/run\/a\.sock"\?$/,
  './a.sock': /^did you mean "unix:\.\/a\.sock"\?$/,
  'a.sock': /^did you mean "unix:a\.sock"\?$/,
  'a/b': /cannot contain spaces or slashes/,
  '8000': /^for the port write ":8000"$/,
  '*:8000': /^for all addresses write ":8000"$/,
  'a:1, b:2': /^for several addresses write a list: \["a:1", "b:2"\]$/,
  'unix:': /the path after "unix:" is missing/,
  [`unix:/${'x'.repeat(107)}`]: /at most 107 bytes/,
  [`unix:/${'ä'.repeat(54)}`]: /at most 107 bytes/,
  'unix:/a\0b': /NUL/,
  'fd://': /needs the number of an open descriptor/,
  'fd://a:b': /needs the number of an open descriptor, or the name of a systemd socket/,
  'fd://-1': /needs the number of an open descriptor/,
}
for (const [text, problem] of Object.entries(invalid)) {
  test(`${JSON.stringify(text.slice(0, 30))} is not an address`, () => {
    assert.match(addressProblem(text) ?? 'no problem', problem)
    assert.throws(() => parseAddress(text), RangeError)
  })
}

test('a path of 107 bytes is not too long', () =>
  assert.equal(addressProblem(`unix:${'x'.repeat(107)}`), undefined))
