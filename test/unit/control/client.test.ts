// How tsgunctl reports each kind of failed connection to the control socket.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { send, Unreachable } from '../../../src/control/client.ts'

const request = { method: 'GET', path: '/status', body: {} }

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-client-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'c.sock')
}

async function listen(t: TestContext, server: Server): Promise<string> {
  const path = place(t)
  await once(server.listen(path), 'listening')
  t.after(() => server.close())
  return path
}

async function failure(path: string, timeout?: number): Promise<string> {
  const error: unknown = await send(path, request, timeout === undefined ? {} : { timeout }).then(
    () => 'a response',
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof Unreachable, String(error))
  assert.ok(error.message.includes(path), error.message)
  return error.message
}

/** A server that does this with each connection. */
function badServer(onConnection: (socket: Socket) => void): Server {
  return createServer((socket) => onConnection(socket.on('error', () => undefined)))
}

test('no file, a plain file and a socket without a server', async (t) => {
  const path = place(t)
  assert.match(await failure(path), /the file does not exist: the server is not running/)
  writeFileSync(path, '')
  assert.match(await failure(path), /c\.sock is no socket; is it the right path\?$/)
  const server = createServer().listen(`${path}.2`)
  await once(server, 'listening')
  renameSync(`${path}.2`, path)
  server.close()
  await once(server, 'close')
  assert.match(await failure(path), /no process listens on it/)
})

test('a server that does not respond is a timeout', async (t) => {
  const sockets: Socket[] = []
  const path = await listen(
    t,
    badServer((socket) => sockets.push(socket)),
  )
  assert.match(await failure(path, 100), /no response: the master may be stopped/)
  for (const socket of sockets) socket.destroy()
})

test('a server that closes the connection, and servers that are not tsgun', async (t) => {
  const cutting = await listen(
    t,
    badServer((socket) => socket.destroy()),
  )
  assert.match(await failure(cutting), /the connection was closed/)
  const strange = await listen(
    t,
    badServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')),
  )
  assert.match(await failure(strange), /that is no control socket of tsgun/)
  const web = await listen(
    t,
    createHttpServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<html>')),
  )
  assert.match(await failure(web), /that is no control socket of tsgun/)
  const api = await listen(
    t,
    createHttpServer((_, response) => response.setHeader('Content-Type', 'application/json').end('{"a":1}')),
  )
  assert.match(await failure(api), /that is no control socket of tsgun/)
})

test('a response that is cut off ends with the lines that were received', async (t) => {
  const path = await listen(
    t,
    createHttpServer((_, response) => {
      response.setHeader('Server', 'tsgun')
      response.write('{"level":"info","msg":"one"}\n', () => response.destroy())
    }),
  )
  const lines: string[] = []
  const { status, lines: coming } = await send(path, request)
  for await (const line of coming) lines.push(line)
  assert.deepEqual([status, lines], [200, ['{"level":"info","msg":"one"}']])
})
