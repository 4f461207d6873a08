// Runs in a test of the user: each kind of app, one after another in the same server, and changes of its
// workers in which no request fails.

import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { test } from 'node:test'
import { endProcess } from '../os/process/spawn-server.ts'
import { ownApps, testApp } from './apps.ts'
import { ask } from './client.ts'
import type { ContractServer } from './server.ts'

/** `configOf`: the config with this app. */
export function testReloads(
  server: () => ContractServer,
  configOf: (app: string) => string,
  more: readonly string[],
): void {
  const apps = [...ownApps, ...more]
  const reload = async (app: string, generation: number): Promise<void> => {
    server().write('server.config.js', configOf(app))
    server().signal('SIGHUP')
    await server().says(new RegExp(`reload done: generation ${generation} serves`))
  }
  for (const [index, app] of apps.entries())
    test(`serves the app ${basename(app)}`, async () => {
      await reload(app, index + 2)
      const { status, body } = await ask(server().url, '/echo')
      assert.equal(status, 200)
      assert.equal((JSON.parse(body) as { path: string }).path, '/echo')
      const sent = Buffer.alloc(1024 * 1024, 'x')
      assert.equal((await ask(server().url, '/body', sent)).body.length, sent.length)
    })

  test('no request fails in a reload', () => underLoad(server(), () => reload(testApp, apps.length + 2)))

  test('no request fails while a worker is added and taken away', () =>
    underLoad(server(), async () => {
      server().signal('SIGTTIN')
      await server().says(/worker 1 \(pid \d+\) is ready/)
      server().signal('SIGTTOU')
      await server().says(/worker 1 \(pid \d+\) ended/)
    }))

  test('the next worker serves when an idle one is killed', async () => {
    const [, pid = ''] = /^pid=(\d+)$/.exec((await ask(server().url)).body) ?? []
    endProcess(Number(pid))
    const [, next] = /^pid=(\d+)$/.exec((await ask(server().url)).body) ?? []
    assert.notEqual(next, pid)
  })
}

/** Clients that ask all the time, each of them one request after another. */
async function underLoad(server: ContractServer, act: () => Promise<void>): Promise<void> {
  let isOver = false
  let responses = 0
  const client = async (): Promise<void> => {
    while (!isOver) {
      assert.equal((await ask(server.url, '/echo')).status, 200)
      responses += 1
    }
  }
  const clients = Promise.all([client(), client()])
  await act().finally(() => (isOver = true))
  await clients
  assert.ok(responses > 0)
}
