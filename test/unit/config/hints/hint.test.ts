// What a mistake in the config or on the command line is told to mean.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foreignFlags } from '../../../../src/config/hints/foreign.ts'
import { gunicornSettings } from '../../../../src/config/hints/gunicorn.ts'
import { hintFor } from '../../../../src/config/hints/hint.ts'
import { flagsOf, isSetting } from '../../../../src/config/hints/own-flags.ts'
import { pm2Fields } from '../../../../src/config/hints/pm2-fields.ts'
import type { Pm2Row } from '../../../../src/config/hints/pm2-row.ts'
import { hookNames } from '../../../../src/config/hooks/table.ts'
import type { Format } from '../../../../src/config/problems/problem.ts'
import type { Setting } from '../../../../src/config/settings/row.ts'
import { settingNames, settings } from '../../../../src/config/settings/table.ts'

const setting = (name: string, value: unknown = 1): string => hintFor({ about: 'setting', name, value }) ?? ''
const flag = (word: string, value?: string): string => hintFor({ about: 'flag', flag: word, value }) ?? ''
const wrong = (name: string, value: unknown, path: readonly string[] = [], format: Format = 'code'): string =>
  hintFor({ about: 'value', setting: name, path, value, format }) ?? ''

const names: readonly (readonly [string, unknown, string])[] = [
  ['preload_app', true, `gunicorn's \"preload_app\" is \"preload\" here`],
  ['preloads', true, 'did you mean "preload"?'],
  ['statsd_host', 'h', `gunicorn's "statsd_host" is planned, not in this version: metrics`],
  ['wsgi_app', 'x', `gunicorn's "wsgi_app" is "app" here`],
  ['raw_env', [], `gunicorn's "raw_env" is "env" here`],
  ['sendfile', true, `gunicorn's "sendfile" is not here: Node.js has no sendfile; let nginx serve files`],
  ['port', 3000, 'write bind: ":3000"'],
  ['host', 'localhost', 'write bind: "localhost:8000"'],
  ['instances', 4, `PM2's "instances" is workers: 4 here`],
  ['instances', 'max', `PM2's "instances" is workers: "auto" here`],
  ['kill_timeout', 5000, `PM2's "kill_timeout" is graceful_timeout: 5 here (in seconds)`],
  [
    'maxMemoryRestart',
    '300M',
    `PM2's "max_memory_restart" is max_memory: "300M" here (the replacement is ready first)`,
  ],
  ['env_staging', {}, `PM2's "env_staging": a condition in the config file, or -e NAME=value`],
  [
    'cron_restart',
    '0 0',
    `PM2's "cron_restart": none: a cron job or timer that sends HUP; for work at certain times schedules`,
  ],
  ['pid', 'a', 'did you mean "pidfile"?'],
  ['access_logfile', 'a', 'did you mean "accesslog"?'],
  ['shutdown_timeout', 5, 'did you mean "graceful_timeout"?'],
  ['ssl_certificate', 'a', 'did you mean "certfile"?'],
  ['key', 'a', 'did you mean "keyfile"?'],
  ['wokers', 1, 'did you mean "workers"?'],
  ['maxRequests', 1, 'did you mean "max_requests"?'],
  ['on_start', 1, 'did you mean the hook on_starting?'],
  ['on_startng', 1, 'did you mean the hook on_starting?'],
  ['onExit', 1, 'did you mean the hook on_exit?'],
  ['on_shutdown', 1, 'did you mean the hook on_stopping?'],
  ['relaod', true, 'did you mean "reload"?'],
  ['ssl', {}, 'write certfile and keyfile (docs/run/tls.md)'],
  ['zzzzzz', 1, 'see docs/reference/settings.md'],
  ['constructor', 1, 'see docs/reference/settings.md'],
]
for (const [name, value, hint] of names)
  test(`the setting ${name}: ${hint}`, () => assert.equal(setting(name, value), hint))

const flags: readonly (readonly [string, string | undefined, string])[] = [
  ['-i', '4', `PM2's -i is -w 4 here`],
  ['-i', 'max', `PM2's -i is -w auto here`],
  ['--instances', undefined, `PM2's --instances is -w here`],
  ['--port', '3000', 'write -b :3000'],
  ['--watch', './app.js', `PM2's --watch is --reload here (for development only)`],
  [
    '--max-memory-restart',
    '300M',
    `PM2's --max-memory-restart is --max-memory 300M here (the replacement is ready first)`,
  ],
  [
    '--no-daemon',
    undefined,
    `PM2's --no-daemon: leave it out: tsgun runs in the foreground; -D runs it in the background`,
  ],
  ['--log-file', 'x', `gunicorn's --log-file is --error-logfile here`],
  ['--accesslog', '-', 'did you mean --access-logfile?'],
  ['--wokers', '3', 'did you mean --workers?'],
  ['--zzzzzzzz', undefined, 'see tsgun --help'],
  ['-x', undefined, 'see tsgun --help'],
]
for (const [word, value, hint] of flags)
  test(`the flag ${word} ${value ?? ''}: ${hint}`, () => assert.equal(flag(word, value), hint))

test('each name and flag of gunicorn and PM2 has a hint of its own', () => {
  const general = /^see /
  for (const name of gunicornSettings.keys())
    if (!isSetting(name) && !hookNames.some((hook) => hook === name))
      assert.doesNotMatch(setting(name), general, name)
  for (const name of Object.keys(pm2Fields))
    if (!isSetting(name)) assert.doesNotMatch(setting(name), general, name)
  const own = settingNames.flatMap(flagsOf)
  for (const word of foreignFlags()) if (!own.includes(word)) assert.doesNotMatch(flag(word), general, word)
})

test('a field of PM2 names a setting that exists, and no row is of a name that is a setting itself', () => {
  for (const [name, { here }] of Object.entries<Pm2Row>(pm2Fields))
    assert.ok(here === undefined || isSetting(here), name)
})

test('no mistyped name of production turns on a development mode', () => {
  for (const name of ['preload', 'preloads', 'prelod', 'preload_ap', 'upload'])
    assert.doesNotMatch(setting(name), /"reload/, name)
  for (const word of ['--preload', '--preloads', '--prelod'])
    assert.doesNotMatch(flag(word), /--reload/, word)
})

const values: readonly (readonly [string, unknown, string])[] = [
  ['graceful_timeout', NaN, 'is a variable unset?'],
  ['app', undefined, 'is a variable unset?'],
  ['workers', 'max', 'write "auto" for one per CPU'],
  ['workers', '4', 'write 4'],
  [
    'worker_class',
    'gevent',
    'leave it out: gunicorn names classes of Python; a worker here is an event loop',
  ],
  ['loglevel', 'warning', 'did you mean "warn"?'],
  ['loglevel', 'DEBUG', 'did you mean "debug"?'],
  ['loglevel', 'critical', 'did you mean "fatal"?'],
  ['log_format', 'JSON', 'did you mean "json"?'],
  ['capture_output', 'yes', 'write true'],
  ['daemon', 0, 'write false'],
  ['proc_name', 12, 'write "12"'],
  ['bind', 8000, 'write ":8000"'],
  ['bind', { host: 'h', port: 1 }, 'write "h:1"'],
  ['env', ['A=b'], 'write { A: "b" }'],
  ['log_rotation', '1d', 'write { interval: "1d" }'],
  ['log_rotation', 'daily', 'write { interval: "1d" }'],
  ['log_rotation', '100M', 'write { size: "100M" }'],
  ['log_rotation', 7, 'write { keep: 7 } for a number of files'],
  ['app', () => 1, 'name the file that exports the app, such as "./app.ts"; its code runs in the workers'],
  ['app', 'node app.js', 'write "app.js"'],
  ['hook_timeout', 100_000, '100000 s is 28 hours; settings are in seconds: did you mean 100?'],
]
for (const [name, value, hint] of values)
  test(`${name} of ${String(value)}: ${hint}`, () => assert.equal(wrong(name, value), hint))

const ofUnit = (unit: Setting['unit']): readonly string[] =>
  settingNames.filter((name) => (settings[name] as Setting).unit === unit)

test('every setting of seconds, of bytes, of a mode and of a file has the hint of its kind', () => {
  for (const name of ofUnit('seconds')) {
    assert.equal(wrong(name, '30s'), 'write 30')
    assert.equal(wrong(name, '30'), 'write 30')
    assert.equal(wrong(name, '1.5 min'), 'write 90')
    assert.equal(wrong(name, '500ms'), 'write 0.5')
    assert.equal(wrong(name, 'soon'), '')
  }
  for (const name of ofUnit('bytes')) {
    assert.equal(wrong(name, 512), '512 is 512 bytes; did you mean "512M"?')
    assert.equal(wrong(name, '8', [], 'text'), '8 is 8 bytes; did you mean "8M"?')
    assert.equal(wrong(name, '1,5 gigabytes'), 'write "1.5G"')
  }
  for (const name of ofUnit('mode')) assert.equal(wrong(name, 640), 'did you mean 0o640?')
  for (const name of ofUnit('file')) assert.equal(wrong(name, false), 'write null to switch it off')
  assert.deepEqual(
    (['seconds', 'bytes', 'mode', 'file', 'address'] as const).map((unit) => ofUnit(unit).length > 0),
    [true, true, true, true, true],
  )
})

test('the parts of a setting have hints too', () => {
  const part = (name: string, ...path: string[]): string =>
    hintFor({ about: 'part', setting: name, path }) ?? ''
  assert.equal(part('log_rotation', 'max'), 'did you mean "keep"?')
  assert.equal(part('log_rotation', 'maxSize'), 'did you mean "size"?')
  assert.equal(part('log_rotation', 'kep'), 'did you mean "keep"?')
  assert.equal(part('log_rotation', 'zzzz'), 'the parts are size, interval, keep, total_size, compress, utc')
  assert.equal(part('accesslog', 'file'), 'did you mean "path"?')
  assert.equal(part('accesslog', 'rotation', 'max_files'), 'did you mean "keep"?')
  assert.equal(part('log_redact', 'fields'), 'did you mean "paths"?')
  assert.equal(wrong('env', 1, ['PORT']), 'write "1"')
  assert.equal(wrong('env', true, ['DEBUG']), 'write "true"')
  assert.equal(wrong('log_rotation', '7', ['keep']), 'write 7')
})
