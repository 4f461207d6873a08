// max_connections and max_connections_per_ip on a real server with several workers.

import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { childrenOf, killProcess } from '../helpers/processes.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = `export default (req, res) => res.end(process.env.TSGUN_WORKER_NR)\n`

function start(t: TestContext, settings: string): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: '0.0.0.0:0', keepalive: 60,
    graceful_timeout: 1, ${settings} }\n`
  return startServer(createProject(t, { 'app.js': app, 'server.config.mjs': config }))
}

/** A connection that has had a response, or was closed without one. */
class Client {
  readonly socket: Socket
  text = ''
  isClosed = false

  constructor(t: TestContext, { url }: RunningServer, localAddress = '127.0.0.1') {
    this.socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress })
    t.after(() => this.socket.destroy())
    this.socket.on('error', () => undefined)
    this.socket.on('data', (chunk) => (this.text += chunk.toString()))
    this.socket.on('close', () => (this.isClosed = true))
    this.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  }

  get isServed(): boolean {
    return this.text.includes('200 OK')
  }

  async settled(): Promise<this> {
    await eventually('a response or a close', () => this.isServed || this.isClosed || undefined)
    return this
  }
}

test(
  'one address has at most max_connections_per_ip, over all workers and after a worker has ' + 'died',
  async (t) => {
    const server = await start(t, 'workers: 3, max_connections_per_ip: 6, forwarded_allow_ips: [],')
    const open: Client[] = []
    for (let count = 0; count < 6; count += 1) open.push(await new Client(t, server, '127.0.0.2').settled())
    assert.ok(open.every(({ isServed }) => isServed))
    // The workers know of the last ones a moment later.
    await eventually(
      'the limit',
      async () => (await new Client(t, server, '127.0.0.2').settled()).isClosed || undefined,
    )
    for (let count = 0; count < 10; count += 1) {
      const more = await new Client(t, server, '127.0.0.2').settled()
      assert.equal(more.isServed, false)
    }
    assert.ok((await new Client(t, server, '127.0.0.3').settled()).isServed, 'others are served')
    await server.says(/a connection was closed: its client has 6 already \(max_connections_per_ip\)/)

    open[0]?.socket.destroy()
    await eventually(
      'a place',
      async () => (await new Client(t, server, '127.0.0.2').settled()).isServed || undefined,
    )
    const [worker] = childrenOf(server.pid)
    assert.ok(worker)
    killProcess(worker)
    await server.says(/died: it was ended by SIGKILL/)
    await eventually(
      'its places',
      async () => (await new Client(t, server, '127.0.0.2').settled()).isServed || undefined,
    )
    await server.stop()
  },
)

test('trusted proxies are not limited', async (t) => {
  const server = await start(t, 'max_connections_per_ip: 1, forwarded_allow_ips: ["127.0.0.2"],')
  for (let count = 0; count < 5; count += 1)
    assert.ok((await new Client(t, server, '127.0.0.2').settled()).isServed)
  assert.ok((await new Client(t, server, '127.0.0.3').settled()).isServed)
  assert.equal((await new Client(t, server, '127.0.0.3').settled()).isServed, false)
  await server.stop()
})

test('max_connections is divided among the workers, and what exceeds it waits', async (t) => {
  const server = await start(t, 'workers: 2, max_connections: 5,')
  const open: Client[] = []
  for (let count = 0; count < 5; count += 1) open.push(await new Client(t, server).settled())
  assert.ok(open.every(({ isServed }) => isServed))
  assert.deepEqual(open.map(({ text }) => text.at(-1)).sort(), ['0', '0', '0', '1', '1'])
  const waiting = [new Client(t, server), new Client(t, server)]
  await server.says(/it has [23] \(its share of max_connections\)/)
  assert.ok(waiting.every(({ isServed, isClosed }) => !isServed && !isClosed))
  open[0]?.socket.destroy()
  open[1]?.socket.destroy()
  for (const client of waiting) assert.ok((await client.settled()).isServed)
  await server.stop()
})
