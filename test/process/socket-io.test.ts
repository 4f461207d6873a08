// socket.io with long polling behind a real nginx that sends each client to its worker, and with its Redis
// adapter on a real redis-server: config-examples/socket.io, unedited but for paths.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { io, type Socket } from 'socket.io-client'
import { exampleConfig, freePort, lacks, nginxConfig, startProxy } from '../helpers/real-proxy.ts'
import { createProject, repository, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { eventually, longestWait } from '../helpers/wait.ts'

const example = join(repository, 'config-examples/socket.io')

interface Chat {
  readonly server: RunningServer
  /** Connects from an address of its own, as clients on the internet do. */
  readonly connect: (number: number, transports: readonly string[]) => Promise<Client>
}

interface Client {
  readonly socket: Socket
  readonly number: number
}

interface Place {
  readonly nr: string
  readonly pid: number
}

/** Starts the example with two workers, and nginx in front of it. */
async function startChat(t: TestContext, environment: Readonly<Record<string, string>> = {}): Promise<Chat> {
  const project = createProject(t)
  const server = await startServer(project, {
    arguments: ['-c', join(example, 'server.config.ts'), '--graceful-timeout', '8'],
    environment: { RUNTIME_DIRECTORY: project.directory, ...environment },
  })
  const port = await freePort()
  const http = exampleConfig('socket.io/nginx.conf', {
    'listen 80': `listen 127.0.0.1:${port}`,
    '/run/chat': project.directory,
  })
  const logged = nginxConfig(http).replace(
    'access_log off;',
    `log_format short '$status $request'; access_log ${project.path('nginx.log')} short;`,
  )
  const url = `http://127.0.0.1:${port}`
  await startProxy(project, 'nginx', { config: logged, url })
  return {
    server,
    async connect(number, transports) {
      const agent = new Agent({ keepAlive: true, localAddress: `127.0.0.${10 + number}` })
      const options = { transports: [...transports], agent: agent as never, forceNew: true }
      const socket = io(url, { ...options, reconnectionDelay: 20, retries: 20, ackTimeout: 3000 })
      t.after(() => {
        socket.disconnect()
        agent.destroy()
      })
      const client = { socket, number }
      await whereIs(client)
      return client
    },
  }
}

/** The worker that has the client. */
async function whereIs({ socket, number }: Client): Promise<Place> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`client ${number} got no reply; connected: ${socket.connected}`)),
      longestWait,
    )
    // The first parameter is the error of a reply that is late; with `retries` the message is sent again.
    socket.emit('who', (error: Error | null, nr: string, pid: number) => {
      clearTimeout(late)
      if (error) reject(error)
      else resolve({ nr, pid })
    })
  })
}

/** Responses of nginx that are not those of a healthy server. */
function failures(project: Project): readonly string[] {
  const lines = project.read('nginx.log').trim().split('\n')
  // 400: a session of the old worker. 503: socket.io takes no WebSocket any more in a worker that drains.
  return lines.filter((line) => !/^(?:200|101|400|499) |^503 .*transport=websocket/.test(line))
}

for (const transports of [['polling'], ['polling', 'websocket']])
  test(
    `clients that connect by ${transports.join(' and ')} stay at their worker, and find it again after a reload`,
    { skip: lacks('nginx') },
    async (t) => {
      const { server, connect } = await startChat(t)
      const clients = await Promise.all(Array.from({ length: 8 }, (_, number) => connect(number, transports)))
      const before = await Promise.all(clients.map(whereIs))
      assert.deepEqual([...new Set(before.map(({ nr }) => nr))].sort(), ['0', '1'])
      for (let round = 0; round < 5; round += 1)
        assert.deepEqual(await Promise.all(clients.map(whereIs)), before)
      if (transports.includes('websocket'))
        for (const { socket } of clients)
          await eventually('the upgrade', () => socket.io.engine.transport.name === 'websocket' || undefined)

      const reasons: string[] = []
      for (const { socket } of clients) socket.on('disconnect', (reason) => reasons.push(reason))
      server.signal('SIGHUP')
      await server.says(/is retired \(reload\)/, 2)
      const began = performance.now()
      await server.until('the end of all sessions', () => reasons.length >= clients.length)
      assert.ok(performance.now() - began < 7000, 'at once, not at the end of a long poll or of the drain')
      await server.says(/ended: reload/, 2)
      const after = await Promise.all(clients.map(whereIs))
      assert.deepEqual(
        after.map(({ nr }) => nr),
        before.map(({ nr }) => nr),
      )
      for (const [number, { pid }] of after.entries()) assert.notEqual(pid, before[number]?.pid)
      // An error: the client has asked the new worker already, which does not know its session.
      for (const reason of reasons) assert.match(reason, /^transport (?:close|error)$/)
      assert.deepEqual(failures(server.project), [])
      for (const { socket } of clients) socket.disconnect()
      await server.stop()
      assert.doesNotMatch(server.stderr, /cut off|ERROR|WARN/)
    },
  )

/** Starts a redis-server that keeps nothing, and resolves with its URL. */
async function startRedis(project: Project): Promise<string> {
  const port = await freePort()
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const redis = spawn(redisServer, words, { cwd: project.directory, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  redis.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  project.onEnd(
    () =>
      new Promise((ended) => {
        redis.once('exit', () => ended())
        redis.kill('SIGTERM')
      }),
  )
  await eventually(
    'redis-server',
    () => /Ready to accept connections/.test(output) || undefined,
    () => output,
  )
  return `redis://127.0.0.1:${port}`
}

const redisServer = process.env['TSGUN_TEST_REDIS'] ?? 'redis-server'
const noRedis = spawnSync(redisServer, ['--version']).error ? 'redis-server is not installed' : false

test(
  "with socket.io's Redis adapter a message reaches the clients of every worker, also after a reload",
  { skip: lacks('nginx') || noRedis },
  async (t) => {
    const { server, connect } = await startChat(t, { REDIS_URL: await startRedis(createProject(t)) })
    const clients = await Promise.all(
      Array.from({ length: 8 }, (_, number) => connect(number, [number % 2 === 0 ? 'polling' : 'websocket'])),
    )
    const heard = clients.map(() => new Set<string>())
    for (const { socket, number } of clients) socket.on('said', (text: string) => heard[number]?.add(text))
    const talk = async (text: string): Promise<void> => {
      const places = await Promise.all(clients.map(whereIs))
      assert.equal(new Set(places.map(({ nr }) => nr)).size, 2, 'both workers have clients')
      for (const { socket, number } of clients) socket.emit('say', `${text} ${number}`)
      await server.until('all messages at all clients', () =>
        heard.every((texts) => clients.every(({ number }) => texts.has(`${text} ${number}`))),
      )
    }
    await talk('before')
    server.signal('SIGHUP')
    await server.says(/ended: reload/, 2)
    await talk('after')
    for (const { socket } of clients) socket.disconnect()
    await server.stop()
    assert.doesNotMatch(server.stderr, /cut off|ERROR|WARN/)
  },
)
