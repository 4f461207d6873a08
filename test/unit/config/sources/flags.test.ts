import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommanderError } from 'commander'
import { completeBooleanFlags } from '../../../../src/config/sources/boolean-flags.ts'
import { parseArguments } from '../../../../src/config/sources/flags.ts'

const parse = (...words: string[]): ReturnType<typeof parseArguments> => parseArguments(words, 'command line')
const values = (...words: string[]): unknown => {
  const { source, problems } = parse(...words)
  assert.deepEqual(problems, [])
  return source.values
}
const messages = (...words: string[]): string[] =>
  parse(...words).problems.map(({ name, message }) => `${name}: ${message}`)
const mistakes = (...words: string[]): unknown[] => parse(...words).problems.map(({ mistake }) => mistake)

test('text is converted to the type that the schema checks', () => {
  assert.deepEqual(values('-w', '4', '--keep-alive', '0.5', '-t', '-1'), {
    workers: 4,
    keepalive: 0.5,
    timeout: -1,
  })
  assert.deepEqual(values('-w', 'auto', '--backlog', '1e3'), { workers: 'auto', backlog: '1e3' })
  assert.deepEqual(values('-u', '1000', '-g', 'www-data'), { user: 1000, group: 'www-data' })
  assert.deepEqual(values('-n', '12', '-m', '022'), { proc_name: '12', umask: '022' })
})

test('lists are collected, pairs become an object, the last of a repeated flag wins', () => {
  assert.deepEqual(values('-b', ':1', '-b', ':2'), { bind: [':1', ':2'] })
  assert.deepEqual(values('-e', 'A=1', '-e', 'B=x=y', '-e', 'C', '--env', 'A=2'), {
    env: { A: '2', B: 'x=y', C: '' },
  })
  assert.deepEqual(values('-w', '2', '-w', '3'), { workers: 3 })
})

test('a list of names may have commas, as in gunicorn', () => {
  assert.deepEqual(values('--http-protocols', 'h2,h1'), { http_protocols: ['h2', 'h1'] })
  assert.deepEqual(values('--http-protocols', 'h2, h1', '--http-protocols', 'x'), {
    http_protocols: ['h2', 'h1', 'x'],
  })
})

test('parts become an object with numbers and booleans converted', () => {
  const words = ['size=100M', 'keep=7', 'compress=true', 'interval=1d'].flatMap((part) => [
    '--log-rotation',
    part,
  ])
  assert.deepEqual(values(...words), {
    log_rotation: { size: '100M', keep: 7, compress: true, interval: '1d' },
  })
  assert.deepEqual(values('--log-rotation', 'null'), { log_rotation: null })
  assert.deepEqual(values('--log-rotation', 'daily'), { log_rotation: 'daily' }, 'which the schema refuses')
})

test('a boolean flag has a value or not, before the app or after it', () => {
  assert.deepEqual(values('-D'), { daemon: true })
  assert.deepEqual(values('-D', './app.ts'), { daemon: true, app: './app.ts' })
  assert.deepEqual(values('./app.ts', '--daemon', 'false'), { daemon: false, app: './app.ts' })
  assert.deepEqual(values('--daemon=false', '--check-config', '--capture-output', 'true'), {
    daemon: false,
    check_config: true,
    capture_output: true,
  })
  assert.deepEqual(values('--daemon=maybe'), { daemon: 'maybe' }, 'which the schema refuses')
  assert.deepEqual(completeBooleanFlags(['-D', '--', '-D']), ['--daemon=true', '--', '-D'])
})

test('null disables settings that may be null, and is text elsewhere', () => {
  assert.deepEqual(values('--access-logfile', 'null', '--pid', 'null', '-u', 'null'), {
    accesslog: null,
    pidfile: null,
    user: null,
  })
  assert.deepEqual(values('--chdir', 'null'), { chdir: 'null' })
})

test('-c and --json are not settings', () => {
  const { source, configFile, json } = parse('-c', 'a.ts', '--json')
  assert.deepEqual([source.values, configFile, json], [{}, 'a.ts', true])
  assert.deepEqual([parse().configFile, parse().json], [undefined, false])
})

test('every unknown flag is reported with its possible value, which is not a second app', () => {
  assert.deepEqual(messages('--wokers', '3', './app.ts', '--no-such=x', '-x'), [
    '--wokers: unknown flag',
    '--no-such: unknown flag',
    '-x: unknown flag',
  ])
  const flag = (name: string, value?: string): unknown => ({ about: 'flag', flag: name, value })
  assert.deepEqual(mistakes('--port', '3000', '-i4', '-i', 'max', '--instances=2', '--watch', '--x'), [
    flag('--port', '3000'),
    flag('-i', '4'),
    flag('-i', 'max'),
    flag('--instances', '2'),
    flag('--watch'),
    flag('--x'),
  ])
})

test('a variable without "=" is a warning that names the environment which was meant', () => {
  assert.deepEqual(parse('-e', 'production', '-e', 'A', '-e', 'B=').warnings, [
    'command line: --env: production sets an empty variable "production"; did you mean -e NODE_ENV=production?',
    'command line: --env: A sets an empty variable "A"; write -e A=VALUE',
  ])
})

test('a flag without its value and a second app are reported', () => {
  assert.deepEqual(messages('./app.ts', '-w'), [`: option '-w, --workers <number>' argument missing`])
  assert.deepEqual(messages('./a.ts', './b.ts'), ['./b.ts: expected one app; got "./a.ts" too'])
})

test('a name is reported as it was written', () => {
  const { nameOf } = parse().source
  assert.equal(nameOf?.('workers'), '--workers')
  assert.equal(nameOf?.('proc_name'), '--name')
  assert.equal(nameOf?.('app'), 'app')
  assert.equal(nameOf?.('unheard_of'), 'unheard_of')
})

test('--help is not an error', () => {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = () => true
  try {
    assert.throws(
      () => parse('--help'),
      (error: unknown) => error instanceof CommanderError && error.exitCode === 0,
    )
  } finally {
    process.stdout.write = write
  }
})
