// The battery as authors run it: from 'tsgun/contract', as built, by node --test.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { createProject, repository } from '../helpers/tsgun.ts'

function run(directory: string, words: readonly string[]): { status: number | null; output: string } {
  const env = { ...process.env }
  for (const name of ['NODE_OPTIONS', 'NODE_TEST_CONTEXT']) delete env[name]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: directory,
    env,
    encoding: 'utf8',
    timeout: 300_000,
  })
  return { status, output: `${stdout}${stderr}` }
}

test('the test of the example custom-class passes', () => {
  const words = ['--import', 'tsx', '--test', '--test-name-pattern', 'sends a stream', 'lanes.test.ts']
  const { status, output } = run(join(repository, 'config-examples/custom-class'), words)
  assert.equal(status, 0, output)
  assert.match(output, /(?:ok \d+ -|✔) sends a stream as it comes/)
})

test('a class that breaks a promise fails, with what the server has said', (t) => {
  const project = createProject(t, {
    'deaf.js': `export default { create: () => ({
      request: (req, res, next) => (req.url === '/line' ? void res.end('cached') : next()) }) }\n`,
    'deaf.test.js': `import { testWorkerClass } from 'tsgun/contract'
testWorkerClass({ workerClass: './deaf.js' })\n`,
    'broken.js': `export default { create() { throw new Error('no lanes') } }\n`,
    'broken.test.js': `import { testWorkerClass } from 'tsgun/contract'
testWorkerClass({ workerClass: './broken.js' })\n`,
  })
  const deaf = run(project.directory, [
    '--test',
    '--test-name-pattern',
    'serves all addresses',
    'deaf.test.js',
  ])
  assert.equal(deaf.status, 1, deaf.output)
  assert.match(deaf.output, /(?:not ok \d+ -|✖) serves all addresses/)
  const broken = run(project.directory, ['--test', 'broken.test.js'])
  assert.equal(broken.status, 1, broken.output)
  assert.match(
    broken.output,
    /the server exited before it served[^]*create\(\) of the worker class .* failed: no lanes/,
  )
})
