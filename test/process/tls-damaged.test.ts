// Handshakes that are damaged, cut, divided at random places and broken off: no worker dies or keeps a
// connection, and the next client is served.

import assert from 'node:assert/strict'
import { request } from 'node:http'
import net from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Authority } from '../helpers/certificates.ts'
import { helloOf } from '../helpers/client-hello.ts'
import { askSecurely } from '../helpers/https.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

type Random = (below: number) => number

/** Repeats with the same seed. */
function randomFrom(seed: number): Random {
  let state = seed
  return (below) => (state = (state * 16_807) % 2_147_483_647) % below
}

function damaged(hello: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(hello)
  for (let times = random(6); times > 0; times -= 1) bytes[random(bytes.length)] = random(256)
  const kinds = [
    bytes.subarray(0, random(bytes.length)),
    Buffer.concat([bytes, Buffer.alloc(random(5000), random(256))]),
    Buffer.from(Array.from({ length: random(300) + 1 }, () => random(256))),
    bytes,
  ]
  return kinds[random(kinds.length)] ?? bytes
}

async function attack(port: number, bytes: Buffer, random: Random): Promise<void> {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => undefined) // what a client like this may expect
  const cut = random(bytes.length)
  socket.write(bytes.subarray(0, cut))
  await delay(random(5))
  socket.write(bytes.subarray(cut))
  const end = random(3)
  if (end === 0) socket.end()
  if (end === 1) socket.resetAndDestroy()
  await delay(50)
  socket.destroy()
}

async function survive(t: TestContext, names: readonly string[]): Promise<void> {
  const project = createProject(t, {
    'app.js': `export default (req, res) => res.end('ok')\n`,
  })
  const authority = new Authority(project.directory)
  const words = names.flatMap((name) => {
    const { chainfile, keyfile } = authority.issue({ names: [name, '127.0.0.1'] })
    return ['--certfile', chainfile, '--keyfile', keyfile]
  })
  const server = await startServer(project, {
    arguments: ['./app.js', '-b', '127.0.0.1:0', '-w', '1', ...words, '--control-socket', 'control.sock'],
  })
  const pids = server.workerPids
  const hello = await helloOf({ servername: 'b.example', ALPNProtocols: ['http/1.1'] })
  const random = randomFrom(7)
  for (let round = 0; round < 30; round += 1)
    await Promise.all(
      Array.from({ length: 30 }, () =>
        attack(Number(new URL(server.url).port), damaged(hello, random), random),
      ),
    )
  assert.equal((await askSecurely(server.url, authority)).body, 'ok')
  assert.deepEqual(server.workerPids, pids, server.report())
  assert.doesNotMatch(server.stderr, /ERROR|FATAL|WARN.*(?:died|uncaught)/)
  await eventually(
    'no connection to be open',
    async () => (await connectionsOf(project.path('control.sock'))) === 0 || undefined,
  )
  await server.stop()
}

/** As the last beat of the worker has them. */
function connectionsOf(socketPath: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/workers' }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => {
        const { workers } = JSON.parse(text) as {
          readonly workers: readonly { readonly connections: number }[]
        }
        resolve(workers[0]?.connections ?? Number.NaN)
      })
    })
      .on('error', reject)
      .end()
  })
}

test('damaged handshakes do no harm to a server with one certificate', (t) => survive(t, ['a.example']))

test('damaged handshakes do no harm to a server with several certificates', (t) =>
  survive(t, ['a.example', 'b.example']))
