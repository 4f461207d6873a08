// What wins in the environment of a worker.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { workerEnvironment } from '../../../../../src/arbiter/pool/process/worker-environment.ts'
import type { Account } from '../../../../../src/os/process/account.ts'
import { generationOf } from '../../world/generations.ts'

interface Facts {
  readonly inFiles?: Readonly<Record<string, string>>
  readonly inherited?: NodeJS.ProcessEnv
  readonly env?: Readonly<Record<string, string>>
  readonly account?: Account
}

function environmentOf({ inFiles = {}, inherited = {}, env = {}, account }: Facts): NodeJS.ProcessEnv {
  const generation = generationOf(1, { settings: { env } })
  const identity = { ...generation.config.identity, account }
  const config = { ...generation.config, fileVariables: inFiles, identity }
  return workerEnvironment(
    { nr: 2, age: 5 },
    { ...generation, config, environment: () => ({ ...inherited }) },
  )
}

const own = { TSGUN_WORKER_NR: '2', TSGUN_WORKER_AGE: '5', TSGUN_CPUS: '2' }

test('env wins over the environment of the master, and that over the files', () => {
  const [inFiles, inherited] = [
    { A: 'file', B: 'file', C: 'file' },
    { B: 'master', C: 'master' },
  ]
  assert.deepEqual(environmentOf({ inFiles, inherited, env: { C: 'env' } }), {
    A: 'file',
    B: 'master',
    C: 'env',
    ...own,
  })
})

test('variables for this master alone are left out', () => {
  const inherited = { TSGUN_READY_FD: '3', TSGUN_DAEMONIZED: '1', NOTIFY_SOCKET: '/x', WATCHDOG_PID: '1' }
  assert.deepEqual(environmentOf({ inherited }), own)
})

test('a user of its own has its home directory and names, unless env sets them', () => {
  const inherited = { HOME: '/root', USER: 'root', LOGNAME: 'root', SHELL: '/bin/sh' }
  const account = { name: 'shop', home: '/srv/shop' }
  assert.deepEqual(environmentOf({ inherited, account, env: { USER: 'x' } }), {
    SHELL: '/bin/sh',
    HOME: '/srv/shop',
    USER: 'x',
    LOGNAME: 'shop',
    ...own,
  })
  assert.deepEqual(environmentOf({ inherited, account: { name: undefined, home: '/' } }), {
    SHELL: '/bin/sh',
    HOME: '/',
    ...own,
  })
  assert.equal(environmentOf({ inherited })['HOME'], '/root')
})
