// How tsgunctl takes what it meets at a socket: each way in which nobody answers is said in words.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ask, Unreachable } from '../../../src/control/client.ts'

const question = { method: 'GET', path: '/status', body: {} }

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

async function failure(path: string, wait?: number): Promise<string> {
  const error: unknown = await ask(path, question, wait).then(
    () => 'answered',
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof Unreachable, String(error))
  assert.ok(error.message.startsWith(`nobody answers at ${path}: `), error.message)
  return error.message
}

/** A server that does this with each connection. */
function rude(onConnection: (socket: Socket) => void): Server {
  return createServer((socket) => onConnection(socket.on('error', () => undefined)))
}

test('no file, a plain file and a socket that nobody listens at', async (t) => {
  const path = place(t)
  assert.match(await failure(path), /there is no such file: the server does not run/)
  writeFileSync(path, '')
  // connect(2) says ECONNREFUSED for a plain file on Linux
  assert.match(await failure(path), /no socket|nobody listens/)
  const server = createServer().listen(`${path}.2`)
  await once(server, 'listening')
  renameSync(`${path}.2`, path)
  server.close()
  await once(server, 'close')
  assert.match(await failure(path), /nobody listens there/)
})

test('a server that does not answer is not waited for for ever', async (t) => {
  const sockets: Socket[] = []
  const path = await listen(
    t,
    rude((socket) => sockets.push(socket)),
  )
  assert.match(await failure(path, 100), /no answer: the master may be stopped/)
  for (const socket of sockets) socket.destroy()
})

test('one that cuts the connection off, and those that are no tsgun', async (t) => {
  const cutting = await listen(
    t,
    rude((socket) => socket.destroy()),
  )
  assert.match(await failure(cutting), /the connection was cut off/)
  const strange = await listen(
    t,
    rude((socket) => socket.end('SSH-2.0-OpenSSH\r\n')),
  )
  assert.match(await failure(strange), /no control socket of tsgun/)
  const web = await listen(
    t,
    createHttpServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<html>')),
  )
  assert.match(await failure(web), /no control socket of tsgun/)
})

test('an answer that breaks off ends with the lines that came', async (t) => {
  const path = await listen(
    t,
    createHttpServer((_, response) => {
      response.setHeader('Content-Type', 'application/x-ndjson')
      response.write('{"level":"info","msg":"one"}\n', () => response.destroy())
    }),
  )
  const lines: string[] = []
  const { status, lines: coming } = await ask(path, question)
  for await (const line of coming) lines.push(line)
  assert.deepEqual([status, lines], [200, ['{"level":"info","msg":"one"}']])
})
