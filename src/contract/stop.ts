// Runs in a test of the user: the end of a server, which is its last test.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask } from './client.ts'
import type { ContractServer } from './server.ts'

export function testStop(server: () => ContractServer): void {
  test('a stop finishes the request in flight, runs worker_exit, and leaves no socket', async () => {
    const waiting = ask(server().url, '/wait?stop')
    await server().says(/waits stop/)
    server().signal('SIGTERM')
    await server().says(/is retired \(stop\)/)
    server().write('stop', '')
    assert.equal((await waiting).body, 'waited')
    await server().exited()
    assert.match(server().stdout, /worker_exit\s*$/)
    assert.ok(!existsSync(join(server().directory, 'web.sock')))
  })
}
