// What a client has sent while the event loop was blocked counts as sent in time: a limit that has passed
// meanwhile is checked after that has been read.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Client } from '../helpers/http2-client.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

/** Milliseconds for which the loop is blocked at least: longer than each of the limits of a test. */
const blocked = 2000

/** `/block` writes the file `blocked`, and blocks the loop until there is a file `sent`. */
const app = `import { existsSync, writeFileSync } from 'node:fs'
const block = (res) => {
  writeFileSync('blocked', '')
  const began = Date.now()
  while (Date.now() - began < ${blocked} || !existsSync('sent'));
  res.end('was blocked')
}
export default async (req, res) => {
  if (req.url === '/block') return block(res)
  let size = 0
  for await (const chunk of req) size += chunk.length
  res.end('ok ' + size)
}
`

function start(t: TestContext, settings: string): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: '127.0.0.1:0', workers: 1, timeout: 60, ${settings} }\n`
  return startServer(createProject(t, { 'app.js': app, 'server.config.mjs': config }))
}

/** Calls \`send\` while the loop is blocked. Resolves when it no longer is. */
async function whileBlocked(server: RunningServer, send: () => void): Promise<void> {
  const { project } = server
  const response = fetch(`${server.url}/block`)
  await server.until('the loop is blocked', () => existsSync(join(project.directory, 'blocked')))
  send()
  project.write('sent', '')
  assert.equal(await (await response).text(), 'was blocked')
}

const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'

test('a request on a kept connection is served, although keepalive has passed', async (t) => {
  const server = await start(t, 'keepalive: 0.5,')
  const clients = Array.from({ length: 20 }, () => new RawClient(server).send(get))
  for (const client of clients) await client.until(() => client.text.endsWith('ok 0'))
  const idle = new RawClient(server).send(get)
  await idle.until(() => idle.text.endsWith('ok 0'))
  await whileBlocked(server, () => clients.forEach((client) => client.send(get)))
  for (const client of clients)
    await client.until(() => client.text.split('ok 0').length === 3 || client.socket.closed)
  assert.deepEqual(
    clients.map(({ text, error }) => [text.split('ok 0').length - 1, error]),
    clients.map(() => [2, undefined]),
  )
  await idle.closed() // the limit holds for a client that has sent nothing
  await server.stop()
})

test('the same on a connection of HTTP/2', async (t) => {
  const server = await start(t, `keepalive: 0.5, http_protocols: ['h2', 'h1'],`)
  const client = new Client(t, server)
  assert.equal((await client.ask('/')).body, 'ok 0')
  let second: ReturnType<Client['ask']> | undefined
  await whileBlocked(server, () => (second = client.ask('/')))
  assert.equal((await second)?.body, 'ok 0')
  await server.stop()
})

test('an upload goes on, although body_timeout has passed', async (t) => {
  const server = await start(t, 'body_timeout: 0.5,')
  const client = new RawClient(server).send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabc')
  const began = Date.now()
  while (Date.now() - began < 300) await fetch(server.url, { headers: { connection: 'close' } }) // it has been checked
  await whileBlocked(server, () => client.send('def'))
  await client.until(() => client.text !== '')
  assert.match(client.text, /ok 6/)
  await server.stop()
})

test('a head is complete, although header_timeout has passed', async (t) => {
  const server = await start(t, `header_timeout: 0.5,`)
  const client = new RawClient(server).send(get.slice(0, 20))
  await whileBlocked(server, () => client.send(get.slice(20)))
  await client.until(() => client.text !== '')
  assert.match(client.text, /ok 0/)
  await server.stop()
})

test('the first bytes of a connection count, although header_timeout has passed', async (t) => {
  const server = await start(t, `header_timeout: 0.5, http_protocols: ['h2', 'h1'],`)
  const client = new RawClient(server).send(get.slice(0, 1))
  await whileBlocked(server, () => client.send(get.slice(1)))
  await client.until(() => client.text !== '')
  assert.match(client.text, /ok 0/)
  await server.stop()
})
