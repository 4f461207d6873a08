// The directory of compiled code that belongs to a generation: made, kept young while it is in use, removed.
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { GenerationLoader } from '../../../../src/arbiter/reload/generation-loader.ts'
import { parseArguments } from '../../../../src/config/sources/flags.ts'
import type { ArbiterLoader } from '../../../../src/modules/loader.ts'
import { createStore } from '../../../../src/modules/files/store.ts'

/** Loads nothing; its stores are real. */
const loader: ArbiterLoader = {
  begin: (directory) => void createStore(directory).saveResolution('', '/a.ts', '/a.ts'),
  rest: () => undefined,
  load: () => Promise.resolve({}),
  precompile: () => Promise.resolve(),
  keepCompiler: () => Promise.resolve(),
  files: () => [],
  reach: () => Promise.resolve([]),
}

function loaderIn(t: TestContext, words: readonly string[]): GenerationLoader {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-generations-'))
  writeFileSync(join(directory, 'app.js'), '')
  const input = { arguments: parseArguments(words, 'command line'), environment: {}, execArgv: [], directory }
  const generations = new GenerationLoader({ input, loader, onHookFailure: () => undefined })
  t.after(() => {
    generations.discardAll()
    rmSync(directory, { recursive: true })
  })
  return generations
}

const filesOf = (store: string): string[] => [store, ...readdirSync(store).map((name) => join(store, name))]
const age = (store: string): void => filesOf(store).forEach((file) => utimesSync(file, 1, 1))
const areYoung = (store: string): boolean =>
  filesOf(store).every((file) => statSync(file).mtimeMs > 1_000_000)

test(
  'renewing touches all compiled code in use, so that it is not cleaned out of /tmp, and reports code ' +
    'that no longer exists',
  async (t) => {
    const generations = loaderIn(t, ['./app.js'])
    const [first, second] = [await generations.next(), await generations.next()]
    for (const { codeStore } of [first, second]) age(codeStore)
    assert.ok(!areYoung(first.codeStore))
    generations.renew()
    assert.ok(areYoung(first.codeStore) && areYoung(second.codeStore))
    rmSync(first.codeStore, { recursive: true })
    age(second.codeStore)
    assert.throws(() => generations.renew(), /ENOENT/)
    assert.ok(
      areYoung(second.codeStore),
      'a store that was removed does not keep the others from being renewed',
    )
  },
)

test(
  'a generation that is given up, or does not load, leaves no directory; the end leaves none at ' + 'all',
  async (t) => {
    const generations = loaderIn(t, ['./app.js'])
    const first = await generations.next()
    const second = await generations.next()
    generations.discard(first)
    assert.ok(!existsSync(first.codeStore) && existsSync(second.codeStore))
    generations.discardAll()
    assert.ok(!existsSync(join(second.codeStore, '..')))
    const broken = loaderIn(t, ['--workers', '0', './app.js'])
    await assert.rejects(() => broken.next(), /--workers: expected a whole number/)
  },
)
