// Which changes of the environment belong to a config, and which stay.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigEnvironment } from '../../../../src/arbiter/reload/config-environment.ts'
import type { EnvironmentChanges } from '../../../../src/arbiter/model/generation.ts'

type Changes = Readonly<Record<string, string | undefined>>

/** What dotenv does: sets what is not set. */
async function load(
  environment: ConfigEnvironment,
  live: NodeJS.ProcessEnv,
  file: Readonly<Record<string, string>>,
): Promise<EnvironmentChanges> {
  const { changes } = await environment.during(() => {
    for (const [name, value] of Object.entries(file)) live[name] ??= value
    return Promise.resolve()
  })
  return changes
}

const plain = (changes: EnvironmentChanges): Changes => Object.fromEntries(changes)

test('each config is loaded without the changes of the one before, so that removed variables do not stay', async () => {
  const live: NodeJS.ProcessEnv = { PATH: '/bin', REAL: 'set' }
  const environment = new ConfigEnvironment(live)
  const first = await load(environment, live, { A: '1', B: '1', REAL: 'file' })
  environment.use(first)
  assert.deepEqual(plain(first), { A: '1', B: '1' })
  assert.deepEqual(live, { PATH: '/bin', REAL: 'set', A: '1', B: '1' })
  const second = await load(environment, live, { A: '2', C: '2' })
  assert.deepEqual(live, { PATH: '/bin', REAL: 'set', A: '1', B: '1' }, 'the first one is still wanted')
  assert.deepEqual(environment.of(second), { PATH: '/bin', REAL: 'set', A: '2', C: '2' })
  environment.use(second)
  assert.deepEqual(live, environment.of(second))
  assert.deepEqual(environment.of(first), { PATH: '/bin', REAL: 'set', A: '1', B: '1' })
  environment.use(first) // a reload that went back
  assert.deepEqual(live, environment.of(first))
})

test('a config may remove variables, and they come back with the next one', async () => {
  const live: NodeJS.ProcessEnv = { SECRET: 'x', MODE: 'a' }
  const environment = new ConfigEnvironment(live)
  const { changes } = await environment.during(() => {
    delete live['SECRET']
    live['MODE'] = 'b'
    return Promise.resolve()
  })
  environment.use(changes)
  assert.deepEqual(live, { MODE: 'b' })
  environment.use(await load(environment, live, {}))
  assert.deepEqual(live, { SECRET: 'x', MODE: 'a' })
})

test('a load that fails leaves nothing behind', async () => {
  const live: NodeJS.ProcessEnv = {}
  const environment = new ConfigEnvironment(live)
  environment.use(await load(environment, live, { A: '1' }))
  const failing = environment.during(() => {
    Object.assign(live, { A: '2', B: '2' })
    return Promise.reject(new Error('broken'))
  })
  await assert.rejects(failing, /broken/)
  assert.deepEqual(live, { A: '1' })
})

test('what a hook sets later stays over all generations, also over a variable of the config', async () => {
  const live: NodeJS.ProcessEnv = {}
  const environment = new ConfigEnvironment(live)
  const first = await load(environment, live, { A: '1', B: '1' })
  environment.use(first)
  Object.assign(live, { TOKEN: 'hook', B: 'hook' })
  assert.deepEqual(environment.of(first), { A: '1', B: 'hook', TOKEN: 'hook' })
  const second = await load(environment, live, { A: '2' })
  environment.use(second)
  assert.deepEqual(plain(second), { A: '2' })
  assert.deepEqual(live, { A: '2', B: 'hook', TOKEN: 'hook' })
  live['TOKEN'] = 'next'
  assert.deepEqual(environment.of(first), { A: '1', B: 'hook', TOKEN: 'next' })
})

test('a worker that is started while a config is loaded gets nothing of that config', async () => {
  const live: NodeJS.ProcessEnv = { PATH: '/bin' }
  const environment = new ConfigEnvironment(live)
  const first = await load(environment, live, { A: '1' })
  environment.use(first)
  await environment.during(() => {
    Object.assign(live, { A: '2', B: '2' })
    assert.deepEqual(environment.of(first), { PATH: '/bin', A: '1' })
    environment.use(new Map([['C', '3']])) // a reload in development was given up meanwhile
    return Promise.resolve()
  })
  assert.deepEqual(live, { PATH: '/bin', C: '3' })
})
