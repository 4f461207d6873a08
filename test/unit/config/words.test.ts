// Words: as a shell splits them, and as a finger misses them. And what is said about a value.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settings } from '../../../src/config/settings/table.ts'
import { appSettingProblem } from '../../../src/config/app/app-setting.ts'
import { configObject } from '../../../src/config/sources/config-object.ts'
import { didYouMean } from '../../../src/config/problems/did-you-mean.ts'
import { problemLine, show } from '../../../src/config/problems/problem.ts'
import { splitWords } from '../../../src/config/sources/split-words.ts'
import { whereThrown } from '../../../src/config/problems/where-thrown.ts'

const split: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['  \t\n ', []],
  ['a', ['a']],
  ['  a  b\n c ', ['a', 'b', 'c']],
  [`'a b' "c d"`, ['a b', 'c d']],
  [`--name="two words" -e 'A=$HOME'`, ['--name=two words', '-e', 'A=$HOME']],
  [String.raw`a\ b \"c\" "d\"e" 'f\g' "h\i"`, ['a b', '"c"', 'd"e', String.raw`f\g`, String.raw`h\i`]],
  [`'' "" a''b`, ['', '', 'ab']],
]
for (const [text, words] of split) {
  test(`${JSON.stringify(text)} is ${words.length} words`, () => assert.deepEqual(splitWords(text), words))
}

for (const text of [`'a`, `a "b`, `a 'b" c`, 'a \\']) {
  test(`${JSON.stringify(text)} is not whole`, () => assert.throws(() => splitWords(text), RangeError))
}

test('the nearest name within a third of the letters is meant, or none', () => {
  const known = ['workers', 'worker_class', 'timeout', 'boot_timeout']
  assert.equal(didYouMean('wrkers', known), 'workers')
  assert.equal(didYouMean('WORKERS', known), 'workers')
  assert.equal(didYouMean('worker_clas', known), 'worker_class')
  assert.equal(didYouMean('time', known), undefined)
  assert.equal(didYouMean('timeou', known, 1), 'timeout')
  assert.equal(didYouMean('timou', known, 1), undefined)
  assert.equal(didYouMean('', []), undefined)
})

test('an access format that cannot be compiled is a config error, others are accepted', () => {
  const { schema } = settings.access_log_format
  const problemOf = (format: string): string | undefined => schema.safeParse(format).error?.issues[0]?.message
  for (const format of ['json', 'combined', 'common', '%(h)s "%(r)s" %({x-id}i)s'])
    assert.equal(problemOf(format), undefined)
  assert.match(problemOf('%(zz)s') ?? '', /unknown atom/)
  assert.match(problemOf('text') ?? '', /not json, combined or common/)
})

test('an app reference that cannot be is told in words', () => {
  assert.equal(appSettingProblem('./app.ts:make()'), undefined)
  assert.equal(appSettingProblem('./app.ts:make(1)'), 'a factory is called without arguments: write "()"')
})

test(
  'a config module means its default, what a function of it answers, or what CommonJS ' + 'exports',
  async () => {
    const config = { workers: 2 }
    for (const module of [
      { default: config },
      { default: () => config },
      { default: () => Promise.resolve(config) },
      { default: Promise.resolve(config) },
      { default: { __esModule: true, default: config } },
    ])
      assert.equal(await configObject(module), config)
    for (const [module, what] of [
      [{}, 'missing'],
      [{ default: { __esModule: true, other: 1 } }, 'missing'],
      [{ default: 5 }, 'number'],
      [{ default: () => undefined }, 'missing'],
    ] as const)
      await assert.rejects(() => configObject(module), new RegExp(`it is ${what}$`))
    await assert.rejects(() => configObject({ default: null }), TypeError)
    await assert.rejects(() => configObject({ default: [] }), TypeError)
  },
)

test('the place of an error is the first frame of the own code of the user', () => {
  const error = new Error('x')
  error.stack =
    'Error: x\n    at read (node:fs:1:1)\n    at f (/app/node_modules/p/i.js:2:3)\n    at ' +
    'file:///app/my%20app.ts:4:5\n    at g (/app/b.ts:6:7)'
  assert.equal(whereThrown(error), '/app/my app.ts:4:5')
  error.stack = 'Error: x\n    at read (node:fs:1:1)'
  assert.equal(whereThrown(error), undefined)
})

test('a value is shown on one line and not at length', () => {
  assert.equal(show('a\nb'), '"a\\nb"')
  assert.equal(show(undefined), 'undefined')
  assert.equal(show(Symbol('s')), 'Symbol(s)')
  assert.equal(
    show(() => 1),
    'a function (anonymous)',
  )
  assert.equal(show('x'.repeat(200)).length, 80)
  assert.equal(problemLine({ where: '', name: 'app', message: 'm' }), 'app: m')
})

test('a value that JSON cannot hold is shown all the same', () => {
  const round: { self?: unknown } = {}
  round.self = round
  assert.equal(typeof show(round), 'string')
  assert.equal(typeof show(10n), 'string')
})
