// A worker with as many connections as it may have: it says so, and connections that nothing will ever close
// do not keep it full.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { ask, connectTo } from '../helpers/http.ts'
import { recordsOf } from '../helpers/records.ts'
import { count } from '../helpers/routes.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

const app = `
export default (req, res) => { if (req.url === '/hang') console.log('hangs'); else res.end('ok') }
export function upgrade(req, socket) {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nupgrade: none\\r\\nconnection: upgrade\\r\\n\\r\\n')
  if (req.url === '/read') socket.on('data', (bytes) => socket.write(bytes)).on('end', () => console.log('read to its end'))
}
`

function start(t: TestContext, limit: number): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: '127.0.0.1:0', worker_connections: ${limit},
    graceful_timeout: 1,    accesslog: 'access.log', access_log_format: 'json' }\n`
  return startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
}

const head = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: none\r\n\r\n`

test('a full worker says so once, with the figures', async (t) => {
  const server = await start(t, 3)
  const hanging = connectTo(server.url)
  hanging.write('GET /hang HTTP/1.1\r\nhost: x\r\n\r\n')
  await server.says(/hangs/)
  const upgraded = connectTo(server.url)
  upgraded.write(head('/read'))
  await once(upgraded, 'data')
  const idle = connectTo(server.url)
  const told =
    /\[WARN\] \[worker 0\] this worker accepts no more connections until some close: it has 3 \(worker_connections\), of them 1 with a request, 1 upgraded, 1 idle$/m
  await server.says(told)
  const next = ask(server.url)
  for (const socket of [hanging, upgraded, idle]) socket.destroy()
  assert.equal((await next).body, 'ok')
  await server.stop()
  assert.equal(count(server.stderr, /accepts no more connections until/), 1)
})

test('upgraded connections that nothing reads are closed when their clients have left', async (t) => {
  const server = await start(t, 2)
  for (const more of ['', 'unread']) {
    const client = connectTo(server.url)
    client.write(head('/none') + more)
    await once(client, 'data')
    client.destroy()
  }
  await server.says(/of them 0 with a request, 2 upgraded, 0 idle/)
  assert.equal((await ask(server.url)).body, 'ok')
  await server.stop()
  const lines = recordsOf<{ path: string; status: number }>(server.project, 'access.log')
  assert.deepEqual(
    lines.filter(({ path }) => path === '/none').map(({ path, status }) => `${path} ${status}`),
    ['/none 101', '/none 101'],
  )
})
