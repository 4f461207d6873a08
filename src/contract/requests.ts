// Runs in a test of the user: what each class keeps for requests. No test has two requests at one worker at
// the same time, so that it holds for a class that serves one at a time.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { ask, RawClient } from './client.ts'
import type { ContractServer } from './server.ts'

export function testRequests(server: () => ContractServer): void {
  test('serves all addresses, and writes an access line for each request', async () => {
    for (const url of server().listeners) assert.match((await ask(url, '/line')).body, /^pid=\d+$/)
    assert.equal((await ask(server().url, '/fail')).status, 500)
    await server().says(/Error: no tea/)
    const invalid = new RawClient(server().url)
    invalid.socket.write('GET /line HTTP/1.1\r\n\r\n')
    await invalid.closed()
    assert.match(invalid.text, /^HTTP\/1\.1 400 /)
    const lines = (): string[] => server().read('access.log').split('\n').filter(Boolean)
    await server().until('four access lines', () => lines().length >= 4)
    const statuses = lines().map((line) => (JSON.parse(line) as { status: number }).status)
    // threads of a worker write each for itself
    assert.deepEqual(statuses.sort(), [200, 200, 400, 500])
  })

  test('runs the hooks of workers and requests, in their order', async () => {
    await ask(server().url, '/tea')
    await server().says(/post_request \/tea/)
    const hooks = new Set(server().stdout.match(/post_worker_init|(?:pre|post)_request \/tea/g))
    assert.deepEqual([...hooks], ['post_worker_init', 'pre_request /tea', 'post_request /tea'])
  })

  test('sends a stream as it comes', async () => {
    const client = new RawClient(server().url)
    client.send('/stream?stream')
    await server().until('the first piece', () => client.text.includes('one'))
    assert.ok(!client.text.includes('two'))
    server().write('stream', '')
    await server().until('the second piece', () => client.text.includes('two'))
    client.socket.destroy()
  })

  test('aborts the signal of a request whose client has left, and serves the next one', async () => {
    const client = new RawClient(server().url)
    client.send('/abort')
    await server().says(/hangs/)
    client.socket.destroy()
    await server().says(/aborted/)
    assert.equal((await ask(server().url)).status, 200)
  })

  test('a connection that sends nothing does not keep a request from being served', async () => {
    const idle = new RawClient(server().url)
    await once(idle.socket, 'connect')
    for (let nr = 0; nr < 3; nr += 1) assert.equal((await ask(server().url)).status, 200)
    idle.socket.destroy()
  })
}
