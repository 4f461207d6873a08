// The selection of unit tests for a mutated source file.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importGraph, testsFor } from './selection.ts'

const texts: Readonly<Record<string, string>> = {
  'src/pool/plan.ts': '',
  'src/pool/workforce.ts': "import { plan } from './plan.ts'",
  'src/loop.ts': "export * from './pool/workforce.ts'",
  'src/late.ts': "const { plan } = await import('./pool/plan.ts')",
  'src/types.ts': "import { type Plan } from './pool/plan.ts'; import type { Other } from './pool/plan.ts'",
  'test/helpers/pool.ts': "import { plan } from '../../src/pool/plan.ts'",
  'test/unit/pool/plan.test.ts': "import { fork } from 'node:child_process'",
  'test/unit/pool/workforce.test.ts': "import { workforce } from '../../../src/pool/workforce.ts'",
  'test/unit/pool/helped.test.ts': "import { helper } from '../../helpers/pool.ts'",
  'test/unit/a-loop.test.ts': "import { loop } from '../../src/loop.ts'",
  'test/unit/late.test.ts': "import { late } from '../../src/late.ts'",
  'test/unit/thread.test.ts': "new Worker(new URL('../../src/pool/plan.ts', import.meta.url))",
  'test/unit/types.test.ts': "import { types } from '../../src/types.ts'",
  'test/process/pool.test.ts': "import { plan } from '../../src/pool/plan.ts'",
}
const graph = importGraph(new Map(Object.entries(texts)))

test('the test at the mirror path runs first, then the others by the imports and folders in between', () => {
  assert.deepEqual(testsFor('src/pool/plan.ts', graph), [
    'test/unit/pool/plan.test.ts',
    'test/unit/thread.test.ts',
    'test/unit/pool/helped.test.ts',
    'test/unit/pool/workforce.test.ts',
    'test/unit/late.test.ts',
    'test/unit/a-loop.test.ts',
  ])
})

test('a file that no unit test imports has no test', () => {
  assert.deepEqual(testsFor('src/types.ts', importGraph(new Map([['src/types.ts', '']]))), [])
})

test('an import of types alone does not select a test', () => {
  assert.ok(!testsFor('src/pool/plan.ts', graph).includes('test/unit/types.test.ts'))
})
