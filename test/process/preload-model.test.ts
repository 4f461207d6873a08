// The example preload-model, with the real onnxruntime: what it computes is right, its weights are in memory
// once, and its types compile.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sharedBytes } from '../helpers/preload.ts'
import { noOnnxruntime as skip, preloadModel } from '../helpers/onnxruntime.ts'
import { createProject, repository, startServer, type RunningServer } from '../helpers/tsgun.ts'

const megabyte = 1024 * 1024
const modelSize = 256 * megabyte

async function vectorOf(server: RunningServer, body: string): Promise<readonly number[]> {
  const response = await fetch(server.url, { method: 'POST', body })
  assert.equal(response.status, 200, server.report())
  return (await response.json()) as number[]
}

test('the example preload-model computes with weights that its processes share', { skip }, async (t) => {
  const server = await startServer(createProject(t), {
    arguments: ['-c', join(preloadModel, 'server.config.ts'), '-b', '127.0.0.1:0'],
  })
  assert.match(server.stderr, /preload: done after .*; 256 MB are shared by all processes/)

  const vector = await vectorOf(server, 'the kettle is on')
  const expected = await computed('the kettle is on')
  assert.equal(vector.length, expected.length)
  for (const [place, value] of expected.entries())
    assert.ok(Math.abs((vector[place] ?? Number.NaN) - value) < 1e-3, `place ${place}`)

  // Each has run the model once before it was ready.
  const ready = [...server.stderr.matchAll(/task process encode \d \(pid (\d+)\) is ready/g)]
  const pids = ready.map(([, pid]) => Number(pid))
  assert.equal(pids.length, 3)
  for (const pid of pids) assert.ok(sharedBytes(pid) > 0.95 * modelSize, 'it has read all weights')
  const together = pids.reduce((sum, pid) => sum + proportionalBytes(pid), 0)
  const report = `${Math.round(together / megabyte)} MB for three processes`
  t.diagnostic(report)
  assert.ok(together < 2 * modelSize, report)
  await server.stop()
})

/** The same in plain JavaScript. */
async function computed(text: string): Promise<Float32Array> {
  const features = (await import(join(preloadModel, 'features.ts'))) as Features
  const model = (await import(join(preloadModel, 'make-model.ts'))) as Model
  let x = features.featuresOf(text)
  for (let layer = 0; layer < model.layers; layer += 1) {
    const [first, second] = model.weightsOf(layer)
    const added = times(
      times(x, first).map((value) => Math.max(0, value)),
      second,
    )
    x = x.map((value, place) => value + (added[place] ?? 0))
  }
  return x
}

/** Exports of the example, which the compiler of the tests does not see. */
interface Features {
  readonly featuresOf: (text: string) => Float32Array
}
interface Model {
  readonly layers: number
  readonly weightsOf: (layer: number) => readonly [Float32Array, Float32Array]
}

/** A row of numbers times a matrix, which is stored by rows. */
function times(row: Float32Array, matrix: Float32Array): Float32Array {
  const columns = matrix.length / row.length
  const product = new Float32Array(columns)
  for (const [nr, factor] of row.entries())
    for (let column = 0; column < columns; column += 1)
      product[column] = (product[column] ?? 0) + factor * (matrix[nr * columns + column] ?? 0)
  return product
}

function proportionalBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024
}

test('the example preload-model compiles', { skip }, (t) => {
  const project = createProject(t)
  const compilerOptions = {
    paths: { tsgun: [join(repository, 'dist/index.d.ts')] },
    typeRoots: [join(repository, 'node_modules/@types')],
  }
  const tsconfig = {
    extends: join(repository, 'tsconfig.json'),
    compilerOptions,
    include: [preloadModel],
    exclude: [join(preloadModel, 'node_modules')],
  }
  project.write('tsconfig.json', JSON.stringify(tsconfig))
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project.directory], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})
