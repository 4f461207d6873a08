// The types that users get, as built: test/types has what the compiler must accept and what it must reject.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { repository } from '../helpers/tsgun.ts'

test('defineConfig accepts every config of test/types and rejects every mistake there', () => {
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  // By its own name the package is found from inside, through its exports, as from a user's project.
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', join(repository, 'test/types')], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stdout)
})
