import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkTogether } from '../../../src/config/check.ts'
import { resolveSettings } from '../../../src/config/sources/resolve.ts'

const context = { file: 'file', directory: '/no/such', argumentsUnclear: false }
const check = (values: Record<string, unknown>, base = '/', unclear = false): string[] =>
  checkTogether(resolveSettings([{ where: 'file', values: { app: './app.js', ...values } }], {}), base, {
    ...context,
    argumentsUnclear: unclear,
  }).problems.map(({ where, name, message }) => `${where}: ${name}: ${message}`)

test('a valid config has no problem', () => {
  assert.deepEqual(check({}), [])
  assert.deepEqual(check({ daemon: true, errorlog: 'e.log', applog: null, accesslog: null }), [])
  assert.deepEqual(check({ bind: ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:0', '127.0.0.1:0'] }), [])
})

test('a missing app is a problem, except with --print-config or after errors in the command line', () => {
  assert.equal(
    check({ app: null })[0],
    'file: app: no app to serve; add app: "./app.ts", or run: tsgun ./app.ts',
  )
  assert.deepEqual(check({ app: null, print_config: true }), [])
  assert.deepEqual(check({ app: null }, '/', true), [])
})

test('chdir must be a directory', () => {
  assert.deepEqual(check({ chdir: 'x' }, '/no/such'), [
    'file: chdir: expected a directory that exists; got "/no/such"',
  ])
  assert.match(check({}, '/etc/passwd')[0] ?? '', /expected a directory that exists/)
})

test('the same address twice is a problem, in any notation', () => {
  assert.deepEqual(check({ bind: [':80', '0.0.0.0:80', 'unix:a', 'unix:///a', 'unix:a'] }), [
    'file: bind: expected each address once; got "0.0.0.0:80" twice',
    'file: bind: expected each address once; got "unix:a" twice',
  ])
})

test('a daemon inherits no sockets, so it cannot listen on a descriptor', () => {
  const found = check({
    daemon: true,
    bind: ['127.0.0.1:0', 'fd://3'],
    errorlog: 'e.log',
    applog: null,
    accesslog: null,
  })
  assert.deepEqual(found, [
    'file: bind: expected an address to bind, because a daemon inherits no sockets; got ' + '"fd://3"',
  ])
})

test('a daemon needs files for its logs: each log without a file is a problem', () => {
  const found = check({ daemon: true, accesslog: '-' })
  assert.deepEqual(
    found.map((text) => text.split(': ')[1]),
    [
      'accesslog',
      'errorlog: expected a file path or null, because a daemon has no terminal; got "-"',
      'applog',
    ].map((text) => text.split(': ')[0]),
  )
})

test('a setting with a wrong value is not checked against others', () => {
  assert.deepEqual(check({ initgroups: true, user: -1 }), [])
  assert.deepEqual(check({ app: '' }), [])
  assert.match(check({ initgroups: true })[0] ?? '', /expected `user` to be set too/)
})

test('the current user and group change nothing', () => {
  const resolution = resolveSettings(
    [{ where: 'file', values: { app: 'a', user: process.getuid?.(), group: process.getgid?.() } }],
    {},
  )
  assert.deepEqual(checkTogether(resolution, '/', context).identity, {
    uid: undefined,
    gid: undefined,
    initgroups: undefined,
    account: undefined,
  })
})
