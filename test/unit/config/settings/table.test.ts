// Everything about a setting is derived from its row in the table, so each row is checked by the same rules.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCommand } from '../../../../src/config/sources/flags.ts'
import { hookNames } from '../../../../src/config/hooks/table.ts'
import { sections, type Setting } from '../../../../src/config/settings/row.ts'
import { settingNames, settings } from '../../../../src/config/settings/table.ts'

const rows: readonly (readonly [string, Setting])[] = settingNames.map((name) => [name, settings[name]])
const defaultOf = ({ default: value }: Setting, environment: NodeJS.ProcessEnv = {}): unknown =>
  typeof value === 'function' ? value(environment) : value

for (const [name, row] of rows) {
  test(`the row of ${name} is complete, in the form of gunicorn's names, and accepts its default`, () => {
    assert.match(name, /^[a-z]+\d?(_[a-z]+)*$/)
    assert.ok(Object.hasOwn(sections, row.section))
    assert.match(row.doc, /^[A-Z`"][^]*\.$/)
    assert.ok(row.expects !== '' && !row.expects.endsWith('.'), row.expects)
    const result = row.schema.safeParse(defaultOf(row))
    assert.ok(result.success, `${name}: ${JSON.stringify(result.error?.issues)}`)
  })

  test(`${name} refuses a symbol and a nested list`, () => {
    assert.equal(row.schema.safeParse(Symbol(name)).success, false)
    assert.equal(row.schema.safeParse([[]]).success, false)
  })

  test(`the flag of ${name} has gunicorn's form and matches its text kind`, () => {
    if (row.flag === undefined)
      // The URL of `bus` may have a password, and ps(1) shows flags.
      return assert.ok(
        ['app', 'tasks', 'services', 'schedules', 'bus'].includes(name),
        'every other setting has a flag',
      )
    assert.match(row.flag, /^(-[a-zA-Z], )?--[a-z]+\d?(-[a-z]+)* (<[a-z=]+>|\[boolean\])$/)
    assert.equal(row.flag.endsWith('[boolean]'), row.text === 'flag')
  })
}

test('a default from the environment names its variable in the docs', () => {
  const decided = rows.filter(([, row]) => typeof row.default === 'function')
  assert.deepEqual(
    decided.map(([name, { variable }]) => [name, variable]),
    [
      ['bind', 'PORT'],
      ['forwarded_allow_ips', 'FORWARDED_ALLOW_IPS'],
      ['workers', 'WEB_CONCURRENCY'],
    ],
  )
  for (const [, row] of decided) {
    assert.ok(row.defaultText?.includes(row.variable ?? ''))
    assert.notDeepEqual(defaultOf(row, { [row.variable ?? '']: '3' }), defaultOf(row))
  }
})

test('no two flags, and no setting and hook, have the same name', () => {
  const flags = createCommand().options.flatMap(({ long, short }) =>
    [long, short].filter((flag) => flag !== undefined),
  )
  assert.equal(new Set(flags).size, flags.length, flags.join(' '))
  const names = [...settingNames, ...hookNames]
  assert.equal(new Set<string>(names).size, names.length)
})

const accepted: Readonly<Record<string, readonly unknown[]>> = {
  app: ['./app.ts', './app.ts:make()', null],
  bind: ['8.8.8.8', ':80', ['[::1]:0', 'unix:/a', 'fd://3']],
  forwarded_allow_ips: ['*', '', '10.0.0.1, ::1', [], ['unix', '10.0.0.0/8,fe80::/10']],
  secure_scheme_headers: [{}, { 'X-Scheme': 'https' }],
  forwarded_headers: [[], ['X-Forwarded-For', 'Forwarded']],
  untrusted_forwarded_headers: ['keep', 'remove'],
  workers: [1, 1024, 'auto'],
  keepalive: [0, 0.5],
  health_check: ['/', '/healthz?deep=1', null],
  umask: [0, 0o777, '022', '0o22', '7'],
  user: ['www-data', 0, null],
  env: [{}, { A: '' }],
  hooks: ['./h.ts', [], ['./a.ts', './b.ts']],
  accesslog: [
    '-',
    'a.log',
    null,
    { path: 'a.log', rotation: null },
    { path: 'a.log', rotation: { size: '1M' } },
  ],
  log_rotation: [
    null,
    {},
    { size: '100M', interval: '1d', keep: 0, total_size: 1, compress: 'gzip', utc: true },
    { size: 1, interval: null, compress: false },
  ],
  max_requests: [0, 1, 10_000],
  max_memory: ['512M', 2 ** 30, '80%', '2.5%', '100%', null],
  max_memory_jitter: [0, '32M', '5%'],
  log_buffer: ['64K', 65_536, '1G'],
  log_file_mode: [0o600, '0644'],
  access_log_format: ['json', '%(h)s'],
}
const refused: Readonly<Record<string, readonly unknown[]>> = {
  app: ['', './app.ts:', 'a b'],
  bind: ['', [], ['x:y'], 8000, null],
  forwarded_allow_ips: ['localhost', '10.0.0.1/8', ['10.0.0.1', 'x'], 10, null, true],
  secure_scheme_headers: [{ 'X Scheme': 'https' }, { '': 'on' }, { A: '' }, { A: 1 }, null, []],
  forwarded_headers: ['X-Forwarded-For', ['x-forwarded-for'], ['X-Real-IP'], null],
  untrusted_forwarded_headers: ['drop', true, null],
  workers: [0, 1025, 1.5, '2', 'many', null],
  keepalive: [-1, '2', Infinity, Number.NaN],
  health_check: ['healthz', 'http://localhost/', '', '/a b', '/ä', '/a\r\nX: y', true],
  umask: [-1, 0o1000, '8', '0x1', '', null],
  user: ['', -1, 1.5],
  env: [{ A: 1 }, { 'A=B': '' }, { '': 'x' }, { A: 'a\0b' }, null],
  hooks: ['', [''], null],
  accesslog: ['', false, { path: '' }, { path: null, rotation: null }, { path: 'a.log' }, { rotation: {} }],
  log_rotation: [
    true,
    '1d',
    { size: 0 },
    { size: 'big' },
    { size: '9999999999T' },
    { interval: '5h' },
    { interval: 'daily' },
    { interval: 86_400 },
    { keep: -1 },
    { keep: '7' },
    { compress: 'zip' },
    { daily: true },
  ],
  max_requests: [-1, 1.5, '10', null],
  max_memory: [0, 512, '15M', '0%', '101%', '80 %', 'much', '9999999999T'],
  max_memory_jitter: [-1, '0%', null],
  log_buffer: ['63K', '2G', 0, null],
  log_file_mode: ['0x1', 0o1000, null],
  access_log_format: ['', 'plain', '%(zz)s'],
}

for (const [name, row] of rows) {
  for (const value of accepted[name] ?? []) {
    test(`${name} accepts ${JSON.stringify(value)}`, () => assert.ok(row.schema.safeParse(value).success))
  }
  for (const value of refused[name] ?? []) {
    test(`${name} refuses ${JSON.stringify(value)}`, () => assert.ok(!row.schema.safeParse(value).success))
  }
}

test('a mask is the same number in each notation', () => {
  for (const value of [0o22, '22', '022', '0o22']) assert.equal(settings.umask.schema.parse(value), 0o22)
  assert.equal(settings.umask.print?.(0o22), '0o022')
})

test('an access format that cannot be compiled is a config error, others are accepted', () => {
  const { schema } = settings.access_log_format
  const problemOf = (format: string): string | undefined => schema.safeParse(format).error?.issues[0]?.message
  for (const format of ['json', 'combined', 'common', '%(h)s "%(r)s" %({x-id}i)s'])
    assert.equal(problemOf(format), undefined)
  assert.match(problemOf('%(zz)s') ?? '', /unknown atom/)
  assert.match(problemOf('text') ?? '', /not json, combined or common/)
})
