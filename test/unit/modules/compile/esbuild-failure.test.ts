// What is said of a run of esbuild that fails for another reason than the code.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireEsbuild } from '../../../../src/modules/compile/esbuild.ts'
import { awaitEsbuild, runEsbuild } from '../../../../src/modules/compile/esbuild-failure.ts'
import { ModuleRefusal } from '../../../../src/modules/files/refusal.ts'

const missing = `its program for ${process.platform}-${process.arch} is missing; run npm ci on this platform, without --omit=optional, then start tsgun again`
const threads = 'a limit of processes and threads is reached (EAGAIN); raise ulimit -u'

/** Messages of esbuild 0.28 and of Node.js, and the beginning of what is said. */
const cases: readonly (readonly [message: string, said: RegExp | string])[] = [
  [
    'Command failed: /x --service=0.28.2\n✘ [ERROR] Cannot start service: Host version "0.28.2" does not match binary version "0.25.0"\n',
    /^its program \/.*\/esbuild is of version 0\.25\.0, and its package of 0\.28\.2; run npm ci, then start tsgun again$/,
  ],
  ['spawnSync /proc/1/fd/22 EACCES', /^its program \/.* may not be executed \(EACCES\); check its mode/],
  ['The service was stopped: spawn /x EACCES', /may not be executed/],
  ['The package "@esbuild/linux-x64" could not be found, and is needed by esbuild.', missing],
  ["\nYou installed esbuild for another platform than the one you're currently using.", missing],
  ['spawnSync /x ENOENT', missing],
  [
    'spawnSync /x EMFILE',
    'no file descriptor is free in this process (EMFILE); raise the limit of open files: ulimit -n',
  ],
  ["EMFILE: too many open files, open '/dev/null'", 'no file descriptor is free'],
  ['spawnSync /x EAGAIN', threads],
  [
    'Command failed: /x --service=0.28.2\nruntime: failed to create new OS thread (have 5 already; errno=11)',
    threads,
  ],
  [
    'Command failed: /x\nfatal error: runtime: cannot allocate memory',
    'the kernel has no memory for it (ENOMEM); ',
  ],
  ['The service was stopped', /^its process \/.* ended \(The service was stopped\); check the limits/],
]

for (const [message, said] of cases)
  test(`esbuild fails with ${JSON.stringify(message.trim().split('\n').at(-1))}`, () => {
    const start = 'esbuild, which compiles TypeScript, cannot run: '
    assert.throws(
      () =>
        runEsbuild(() => {
          throw new Error(message)
        }),
      (error) => {
        assert.ok(error instanceof ModuleRefusal && error.message.startsWith(start))
        const rest = error.message.slice(start.length)
        if (typeof said === 'string') assert.ok(rest.startsWith(said), rest)
        else assert.match(rest, said)
        return error.stack === `ModuleRefusal: ${error.message}`
      },
    )
  })

test('errors of the code, and any other error, stay what they are', async () => {
  const esbuild = requireEsbuild()
  const failing = (): unknown => esbuild.transformSync('let a = ;', { logLevel: 'silent' })
  assert.throws(() => runEsbuild(failing), /Transform failed/)
  const other = new TypeError('x is not a function')
  const reject = (): Promise<never> => Promise.reject(other)
  await assert.rejects(
    awaitEsbuild(reject, () => undefined),
    (error) => error === other,
  )
})

test('an asynchronous call that does not say why is explained by a synchronous one', async () => {
  const stopped = (): Promise<never> => Promise.reject(new Error('The service was stopped'))
  const probe = (): void => {
    throw new Error('spawnSync /x EACCES')
  }
  await assert.rejects(awaitEsbuild(stopped, probe), /may not be executed/)
  await assert.rejects(
    awaitEsbuild(stopped, () => undefined),
    /its process .* ended/,
  )
})

test('nothing is printed by Node for a run that fails, and all else is afterwards', () => {
  const { write } = process.stderr
  assert.throws(() =>
    runEsbuild(() => {
      assert.notEqual(process.stderr.write, write)
      throw new Error('spawnSync /x EAGAIN')
    }),
  )
  assert.equal(process.stderr.write, write)
})
