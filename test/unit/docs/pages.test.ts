// What docs/ says of the tables in the source is what they say.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { docsFolder, generatedPages } from '../../docs/pages.ts'

for (const { file, text } of await generatedPages()) {
  test(`docs/${file} says what its table says (otherwise: npm run docs)`, () => {
    assert.equal(readFileSync(join(docsFolder, file), 'utf8'), text)
  })
}
