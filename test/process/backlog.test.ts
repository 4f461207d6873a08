// `backlog`: the kernel lets this number of connections wait at each socket, from the start on and whatever
// happens to the workers.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { ask, connectTo } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { backlogOf, lacksSs } from '../helpers/socket-queues.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { reloads } from '../helpers/zero-failures.ts'

const files = (more = ''): Record<string, string> => ({
  'app.js': 'export default (req, res) => res.end(String(process.pid))\n',
  // ss shows a path as it was bound: whole
  'server.config.js': `const place = 'unix:' + import.meta.dirname
    export default { app: './app.js', backlog: 1234,
      bind: ['127.0.0.1:0', place + '/web.sock', place + '/own.{nr}.sock'], ${more} }\n`,
})

function check(server: RunningServer, when: string): void {
  for (const url of server.listeners) assert.equal(backlogOf(url), 1234, `${url} ${when}`)
}

test('each socket has the backlog of the config', { skip: lacksSs }, async (t) => {
  const server = await startServer(createProject(t, files('workers: 2')))
  assert.equal(server.listeners.length, 4)
  check(server, 'after the start')

  const pid = Number((await ask(server.url)).body)
  killProcess(pid, 'SIGKILL')
  await server.says(/worker \d \(pid \d+\) is ready/, 3)
  check(server, 'after the respawn of a worker')

  await reloads(server, [], 1)
  check(server, 'after a reload')

  server.signal('SIGTTIN')
  await server.says(/worker 2 \(pid \d+\) is ready/)
  check(server, 'with one more worker')
  await server.stop()
})

test('a worker that was full accepts again with the same backlog', { skip: lacksSs }, async (t) => {
  const server = await startServer(
    createProject(t, files('workers: 1, worker_connections: 1, keepalive: 60')),
  )
  const kept = connectTo(server.url)
  kept.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(kept, 'data')
  const next = ask(server.url)
  kept.destroy()
  await next
  check(server, 'after the worker was full')
  await server.stop()
})
