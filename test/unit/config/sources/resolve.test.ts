import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveSettings, type Source } from '../../../../src/config/sources/resolve.ts'

const file = (values: Record<string, unknown>): Source => ({ where: 'server.config.ts', values })
const line = (values: Record<string, unknown>): Source => ({
  where: 'command line',
  values,
  nameOf: (name) => `--${name}`,
})
const problemsOf = (values: Record<string, unknown>, environment = {}): string[] =>
  resolveSettings([file(values)], environment).problems.map(
    ({ where, name, message }) => `${where}: ${name}: ${message}`,
  )

test('the last source with a value wins; undefined is no value, null is one', () => {
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

test('the environment overrides the defaults but not the file, and an empty variable is ignored', () => {
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
    'a value that is not used is not checked',
  )
})

test('a wrong value is reported with its source, name and expectation, and the result has the default', () => {
  const { settings, problems, wrong } = resolveSettings(
    [file({ workers: 'many' }), line({ timeout: -1 })],
    {},
  )
  assert.deepEqual(
    problems.map(({ where, name, message }) => ({ where, name, message })),
    [
      {
        where: 'server.config.ts',
        name: 'workers',
        message: 'expected a whole number from 1 to 1024, or "auto"; got "many"',
      },
      { where: 'command line', name: '--timeout', message: 'expected seconds, 0 or more; got -1' },
    ],
  )
  assert.deepEqual([settings.workers, settings.timeout], [1, 30])
  assert.deepEqual([...wrong], ['workers', 'timeout'])
})

test('the wrong part of a list or an object is named', () => {
  assert.match(
    problemsOf({ bind: ['127.0.0.1:1', 'h:99999'] })[0] ?? '',
    /\("h:99999": a port is a number from 0 to 65535\)$/,
  )
  assert.deepEqual(problemsOf({ env: { A: 'x', B: 1, C: undefined } }), [
    'server.config.ts: env.B: expected text; got 1',
    'server.config.ts: env.C: expected text; got undefined',
  ])
  assert.match(problemsOf({ env: { 'A=B': 'x' } })[0] ?? '', /a name cannot contain "="/)
  assert.deepEqual(problemsOf({ accesslog: { path: 'a', rotation: { keep: 'x', max: 1 } } }), [
    'server.config.ts: accesslog.rotation.keep: expected a whole number of files, 0 or more, or null; got "x"',
    'server.config.ts: accesslog.rotation.max: unknown part',
  ])
  assert.match(
    problemsOf({ log_rotation: { interval: '7h' } })[0] ?? '',
    /^server\.config\.ts: log_rotation\.interval: expected .*; got "7h" \(expected 1d, .*\)$/,
  )
  assert.match(problemsOf({ log_redact: { paths: ['a', 1] } })[0] ?? '', /log_redact\.paths: .*got \["a",1\]/)
  assert.deepEqual(problemsOf({ accesslog: { file: 'x' } }), [
    'server.config.ts: accesslog.file: unknown part',
  ])
})

test('the environment has expectations of its own', () => {
  const { problems } = resolveSettings([], { PORT: 'abc' })
  assert.deepEqual(
    problems.map(({ where, name, message }) => `${where}: ${name}: ${message}`),
    ['environment: PORT: expected a port number from 0 to 65535; got "abc"'],
  )
})

test('a mask is a number in code and text in JSON and YAML, which read 022 as a decimal number', () => {
  const from = (format: 'json' | 'yaml' | 'code', value: unknown): readonly string[] =>
    resolveSettings([{ where: 'f', values: { umask: value }, format }], {}).problems.map(
      ({ message }) => message,
    )
  assert.deepEqual(from('code', 18), [])
  assert.deepEqual(from('yaml', '022'), [])
  assert.match(from('yaml', 22)[0] ?? '', /decimal in YAML; got 22; write "022" in quotes$/)
})

test('a name that is neither a setting nor a hook is reported', () => {
  assert.deepEqual(problemsOf({ wokers: 1, on_exit: 5, pre_fork: () => undefined }), [
    'server.config.ts: wokers: unknown setting',
    'server.config.ts: on_exit: expected a function, because it is a hook; got 5',
  ])
})

test('a name that every object inherits is unknown too', () => {
  assert.equal(problemsOf({ constructor: 1 }).length, 1)
  assert.equal(problemsOf({ toString: () => '' }).length, 1)
})
