// The examples with tasks, with the real models that they are about: text from an image, and vectors of
// sentences.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { createProject, repository, startServer, type RunningServer } from '../helpers/tsgun.ts'

const folder = join(repository, 'config-examples')
const image = join(folder, 'ocr/invoice.png')
const run = promisify(execFile)

function start(t: Parameters<typeof createProject>[0], name: string): Promise<RunningServer> {
  return startServer(createProject(t), {
    arguments: ['-c', join(folder, name, 'server.config.ts'), '-b', '127.0.0.1:0'],
  })
}

async function post(url: string, file: string, ...more: readonly string[]): Promise<string> {
  const words = ['-sS', '--max-time', '60', '-H', 'content-type: image/png', '--data-binary', `@${file}`]
  return (await run('curl', [...words, ...more, url])).stdout
}

test('the example ocr reads an image that curl posts with Expect: 100-continue', async (t) => {
  const server = await start(t, 'ocr')
  const text = await post(`${server.url}/ocr`, image, '-H', 'Expect: 100-continue')
  assert.match(text, /Invoice 2026-117/)
  assert.match(text, /Total: 84\.20 EUR/)
  await server.stop()
})

test('the example ocr sends its progress as server-sent events, and the text at the end', async (t) => {
  const server = await start(t, 'ocr')
  const events = await post(`${server.url}/ocr/progress`, image, '-N')
  assert.match(events, /^event: progress\ndata: 0/)
  assert.match(events, /event: progress\ndata: 1\n/)
  assert.match(events, /event: text\ndata: ".*Invoice 2026-117/)
  await server.stop()
})

test('the example embeddings runs callers that come together in batches, each with its own vector', async (t) => {
  const server = await start(t, 'embeddings')
  const vectorOf = async (sentence: string): Promise<readonly number[]> => {
    const response = await fetch(`${server.url}/embed`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: sentence,
    })
    assert.equal(response.status, 200, server.report())
    return ((await response.json()) as { vector: number[] }).vector
  }
  const [kettle, tea, tax] = await Promise.all(
    ['the kettle is on', 'water boils for tea', 'the tax return is due in May'].map(vectorOf),
  )
  assert.ok(kettle && tea && tax)
  assert.equal(kettle.length, 512)
  assert.ok(likeness(kettle, tea) > likeness(kettle, tax))
  const many = await Promise.all(Array.from({ length: 64 }, () => vectorOf('the kettle is on')))
  assert.ok(many.every((vector) => likeness(vector, kettle) > 0.999 * likeness(kettle, kettle)))
  await server.stop()
})

function likeness(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)
}
