// Calls of the user's hooks: order, sync and async, the time limit and errors.

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { HookArguments } from '../../../../src/config/hooks/signatures.ts'
import type { ServerView, Worker } from '../../../../src/config/hooks/views.ts'
import {
  combineHooks,
  HookRefusal,
  HookRunner,
  pickHooks,
  type HookFailure,
} from '../../../../src/config/hooks/runner.ts'

const server = {} as ServerView // hooks pass it on and read nothing of it
const worker = {} as Worker // the same
const request = {} as HookArguments<'pre_request'>[1] // the same

type File = Readonly<Record<string, unknown>>

function runner(
  files: readonly File[],
  timeout = 10_000,
): { readonly hooks: HookRunner; readonly failures: HookFailure[] } {
  const failures: HookFailure[] = []
  const sources = combineHooks(files.map((file, index) => pickHooks(file, `file${index}`)))
  return {
    hooks: new HookRunner({ sources, timeout, onFailure: (failure) => failures.push(failure) }),
    failures,
  }
}

test('hooks of several files run one after another in the order of the files, also async ones', async () => {
  const seen: string[] = []
  const file = (name: string, wait: number): File => ({
    async when_ready() {
      await delay(wait)
      seen.push(name)
    },
  })
  await runner([file('config', 20), file('first', 10), file('second', 0)]).hooks.run('when_ready', server)
  assert.deepEqual(seen, ['config', 'first', 'second'])
})

test('hooks run in the order of the calls of run, one after another', async () => {
  const seen: string[] = []
  const { hooks } = runner([
    {
      async on_reload() {
        await delay(20)
        seen.push('on_reload')
      },
      pre_fork: () => seen.push('pre_fork'),
    },
  ])
  const view = {
    nr: 0,
    task: null,
    service: 'web',
    age: 1,
    generation: 1,
    pid: null,
    state: 'spawned',
    reason: null,
    age_seconds: 0,
    uptime_seconds: null,
    beat_seconds: 0,
    requests: 0,
    busy: 0,
    connections: 0,
    overdue: 0,
    rss: 0,
  }
  await Promise.all([hooks.run('on_reload', server), hooks.run('pre_fork', server, view)])
  assert.deepEqual(seen, ['on_reload', 'pre_fork'])
})

test('a hook that does not wait for another one is called synchronously', async () => {
  const seen: string[] = []
  const { hooks } = runner([{ nworkers_changed: () => seen.push('hook') }])
  for (const round of [1, 2]) {
    const done = hooks.run('nworkers_changed', server, round, null)
    seen.push('caller')
    await done
    await delay(1)
  }
  assert.deepEqual(seen, ['hook', 'caller', 'hook', 'caller'])
})

test('a hook gets its arguments, and its file as `this` when that is an object', async () => {
  const seen: unknown[] = []
  const file = {
    limit: 3,
    nworkers_changed(this: { limit: number }, ...parameters: unknown[]) {
      seen.push(this.limit, ...parameters)
    },
  }
  await runner([file]).hooks.run('nworkers_changed', server, 2, null)
  assert.deepEqual(seen, [3, server, 2, null])
})

test('a failure of an observer is reported with its name and file, and the hooks after it run', async () => {
  const error = new Error('oh')
  let ran = 0
  const { hooks, failures } = runner([
    {
      child_exit() {
        throw error
      },
    },
    { child_exit: () => Promise.reject(error) },
    { child_exit: () => (ran += 1) },
  ])
  await hooks.run('child_exit', server, {
    nr: 0,
    task: null,
    service: 'web',
    age: 1,
    generation: 1,
    pid: 1,
    state: 'exited',
    reason: null,
    age_seconds: 0,
    uptime_seconds: null,
    beat_seconds: 0,
    requests: 0,
    busy: 0,
    connections: 0,
    overdue: 0,
    rss: 0,
  })
  assert.deepEqual(failures, [
    { hook: 'child_exit', file: 'file0', error },
    { hook: 'child_exit', file: 'file1', error },
  ])
  assert.equal(ran, 1)
})

test('a hook that may refuse rejects with its name, file and reason, and the hooks after it do not run', async () => {
  for (const refuse of [() => assert.fail('no license'), () => Promise.reject(new Error('no license'))]) {
    let ran = 0
    const { hooks, failures } = runner([{ on_starting: refuse }, { on_starting: () => (ran += 1) }])
    await assert.rejects(hooks.run('on_starting', server), (error) => {
      assert.ok(error instanceof HookRefusal)
      assert.equal(error.message, 'the hook on_starting of file0 failed: no license')
      return true
    })
    assert.equal(ran, 0)
    assert.deepEqual(failures, [])
    await hooks.run('on_exit', server) // a refusal ends that hook only
  }
})

test('a hook that never ends fails after hook_timeout: an observer is reported, others refuse', async () => {
  const never = (): Promise<void> => new Promise(() => undefined)
  const { hooks, failures } = runner([{ when_ready: never, post_fork: never }], 20)
  await hooks.run('when_ready', server)
  assert.match(String(failures[0]?.error), /when_ready did not finish within 0\.02 s \(hook_timeout\)/)
  await assert.rejects(
    hooks.run('post_fork', server, worker),
    /post_fork of file0 failed: post_fork did not finish within 0\.02 s/,
  )
})

test('a rejection after hook_timeout is ignored and does not end the process', async () => {
  const late = mock.fn()
  process.once('unhandledRejection', late)
  const hook = async (): Promise<void> => {
    await delay(20)
    throw new Error('late')
  }
  await runner([{ when_ready: hook }], 5).hooks.run('when_ready', server)
  await delay(40)
  process.off('unhandledRejection', late)
  assert.equal(late.mock.callCount(), 0)
})

test('any thenable is awaited, also one whose `then` returns nothing', async () => {
  let done = false
  const thenable = {
    then(resolve: () => void): void {
      setTimeout(() => {
        done = true
        resolve()
      }, 10)
    },
  }
  const { hooks, failures } = runner([{ when_ready: () => thenable }])
  await hooks.run('when_ready', server)
  assert.ok(done)
  assert.deepEqual(failures, [])
})

test('hooks run after any value was thrown', async () => {
  for (const thrown of [Object.create(null), Symbol('x'), undefined]) {
    const { hooks } = runner([
      {
        on_starting() {
          throw thrown
        },
      },
    ])
    await assert.rejects(hooks.run('on_starting', server), HookRefusal)
    await hooks.run('on_exit', server)
  }
})

test('a request waits for an async pre_request; a sync one creates no promise', async () => {
  const seen: string[] = []
  const slow = async (): Promise<void> => {
    await delay(5)
    seen.push('async')
  }
  assert.equal(
    runner([{ pre_request: () => void seen.push('sync') }]).hooks.runNow('pre_request', worker, request),
    undefined,
  )
  const pending = runner([
    { pre_request: slow },
    { pre_request: () => void seen.push('after') },
  ]).hooks.runNow('pre_request', worker, request)
  assert.deepEqual(seen, ['sync'])
  await pending
  assert.deepEqual(seen, ['sync', 'async', 'after'])
  assert.equal(runner([{}]).hooks.has('pre_request'), false)
})

test('a failed pre_request is reported, and the request continues', async () => {
  const { hooks, failures } = runner([
    { pre_request: () => assert.fail('a') },
    { pre_request: () => Promise.reject(new Error('b')) },
  ])
  await hooks.runNow('pre_request', worker, request)
  assert.deepEqual(
    failures.map(({ file, error }) => [file, (error as Error).message]),
    [
      ['file0', 'a'],
      ['file1', 'b'],
    ],
  )
})

test('only functions with the name of a hook are picked', () => {
  const found = pickHooks({ when_ready: () => 1, on_exit: 'text', helper: () => 1, workers: 2 }, 'file')
  assert.deepEqual([...found.keys()], ['when_ready'])
})
