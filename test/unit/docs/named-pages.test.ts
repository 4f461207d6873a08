import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repository } from '../../helpers/tsgun.ts'

test('every page that the sources and the package name exists, and is in the package', () => {
  const root = join(repository, 'src')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  const named = files.flatMap((file) => [
    ...readFileSync(join(root, file), 'utf8').matchAll(/\b(?:docs|config-examples)\/[\w./-]+\.\w+/g),
  ])
  const missing = named.map(([page]) => page).filter((page) => !existsSync(join(repository, page)))
  assert.ok(named.length > 5)
  assert.deepEqual(missing, [])
  const { files: packed } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    files: string[]
  }
  for (const folder of ['docs', 'config-examples']) assert.ok(packed.includes(folder), folder)
})
