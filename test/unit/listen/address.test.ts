import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressProblem, addressUrl, formatAddress, parseAddress } from '../../../src/listen/address.ts'

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
  'http://host:80': /^write "host:80", without "http:\/\/"$/,
  'https://host/path': /^write "host", without "https:\/\/"$/,
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
