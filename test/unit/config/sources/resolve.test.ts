import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveSettings, type Source } from '../../../../src/config/sources/resolve.ts'

const file = (values: Record<string, unknown>): Source => ({ where: 'server.config.ts', values })
const line = (values: Record<string, unknown>): Source => ({
  where: 'command line',
  values,
  nameOf: (name) => `--${name}`,
})
const told = (values: Record<string, unknown>, environment = {}): string[] =>
  resolveSettings([file(values)], environment).problems.map(
    ({ where, name, message }) => `${where}: ${name}: ${message}`,
  )

test('the last source that says something wins; undefined says nothing, null does', () => {
  const { settings, origins, written, problems } = resolveSettings(
    [
      file({ workers: 2, timeout: 5, pidfile: 'a.pid', user: 'me' }),
      line({ workers: 3, timeout: undefined, pidfile: null }),
    ],
    {},
  )
  assert.deepEqual(problems, [])
  assert.deepEqual([settings.workers, origins.workers, written.workers], [3, 'command line', '--workers'])
  assert.deepEqual([settings.timeout, origins.timeout, written.timeout], [5, 'server.config.ts', 'timeout'])
  assert.deepEqual([settings.pidfile, origins.pidfile], [null, 'command line'])
  assert.deepEqual([settings.keepalive, origins.keepalive], [2, 'default'])
})

test(
  'the environment comes before the file and behind the defaults, and an empty variable says ' + 'nothing',
  () => {
    const from = resolveSettings([], { PORT: '3000', WEB_CONCURRENCY: '' })
    assert.deepEqual(
      [from.settings.bind, from.origins.bind, from.written.bind],
      ['0.0.0.0:3000', 'environment', 'PORT'],
    )
    assert.deepEqual([from.settings.workers, from.origins.workers], [1, 'default'])
    assert.equal(resolveSettings([file({ bind: ':1' })], { PORT: '3000' }).settings.bind, ':1')
    assert.deepEqual(
      resolveSettings([file({ bind: ':1' })], { PORT: 'x' }).problems,
      [],
      'what is not used is not judged',
    )
  },
)

test(
  'a wrong value is told with its place, name, value and expectation, and has its default in the ' + 'result',
  () => {
    const { settings, problems, wrong } = resolveSettings(
      [file({ workers: 'many' }), line({ timeout: -1 })],
      {},
    )
    assert.deepEqual(problems, [
      {
        where: 'server.config.ts',
        name: 'workers',
        message: 'expected a whole number from 1 to 1024, or "auto"; got "many"',
      },
      { where: 'command line', name: '--timeout', message: 'expected seconds, 0 or more; got -1' },
    ])
    assert.deepEqual([settings.workers, settings.timeout], [1, 30])
    assert.deepEqual([...wrong], ['workers', 'timeout'])
  },
)

test('the part of a list or an object that is wrong is named', () => {
  assert.match(
    told({ bind: ['127.0.0.1:1', 'h:99999'] })[0] ?? '',
    /\("h:99999": a port is a number from 0 to 65535\)$/,
  )
  assert.match(told({ env: { A: 'x', B: 1 } })[0] ?? '', /\(B: it is 1\)$/)
  assert.match(told({ env: { A: undefined } })[0] ?? '', /\(A: it is undefined\)$/)
  assert.match(told({ env: { 'A=B': 'x' } })[0] ?? '', /a name has no "="/)
})

test('a name that is no setting and no hook is told, with a near one', () => {
  assert.deepEqual(told({ wokers: 1, zzzzzz: 1, on_exit: 5, pre_fork: () => undefined }), [
    'server.config.ts: wokers: there is no such setting; did you mean "workers"?',
    'server.config.ts: zzzzzz: there is no such setting (see docs/settings.md)',
    'server.config.ts: on_exit: expected a function, because it is a hook; got 5',
  ])
})

test('a name that every object inherits is unknown, too', () => {
  assert.equal(told({ constructor: 1 }).length, 1)
  assert.equal(told({ toString: () => '' }).length, 1)
})
