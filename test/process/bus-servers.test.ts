// The bus over real servers of Redis and NATS: the same app and the same calls as with the broker of tsgun,
// between two servers, through a restart of what carries the messages, and without a secret in any output.

import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { call, startBus, untilGot } from '../helpers/bus-app.ts'
import { freePort } from '../helpers/bus-servers.ts'
import { Authority, type Issued } from '../helpers/certificates.ts'
import { childrenOf } from '../helpers/processes.ts'
import { createProject, nodeBinary, repository, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const secret = 'open-sesame'

const carriers = {
  redis: {
    package: 'redis',
    url: (port: number) => `redis://:${secret}@127.0.0.1:${port}?prefix=test`,
    command: (port: number) => [
      'redis-server',
      '--port',
      String(port),
      '--save',
      '',
      '--requirepass',
      secret,
    ],
  },
  nats: {
    package: '@nats-io/transport-node',
    url: (port: number) => `nats://tsgun:${secret}@127.0.0.1:${port}?prefix=test`,
    command: (port: number) => [
      'nats-server',
      '-a',
      '127.0.0.1',
      '-p',
      String(port),
      '--user',
      'tsgun',
      '--pass',
      secret,
    ],
  },
} as const

class CarrierServer {
  readonly #words: readonly string[]
  readonly #port: number
  #child: ChildProcess | undefined

  constructor(words: readonly string[], port: number) {
    this.#words = words
    this.#port = port
  }

  async start(): Promise<void> {
    const [file = '', ...rest] = this.#words
    this.#child = spawn(file, rest, { stdio: 'ignore' })
    await eventually(`${file} to listen`, () => isListening(this.#port))
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

async function isListening(port: number): Promise<true | undefined> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return undefined // not yet
  } finally {
    socket.destroy()
  }
}

async function startBoth(
  t: TestContext,
  kind: keyof typeof carriers,
): Promise<{
  readonly carrier: CarrierServer
  readonly servers: readonly RunningServer[]
  readonly url: string
}> {
  const port = await freePort()
  const carrier = new CarrierServer(carriers[kind].command(port), port)
  t.after(() => carrier.kill())
  await carrier.start()
  const url = carriers[kind].url(port)
  const start = (): Promise<RunningServer> =>
    startBus(t, { settings: `workers: 2, bus: '${url}',`, packages: [carriers[kind].package] })
  return { carrier, url, servers: [await start(), await start()] }
}

for (const kind of ['redis', 'nats'] as const)
  test(`messages and requests of two servers go over ${kind}, also after its restart`, async (t) => {
    const { carrier, servers, url } = await startBoth(t, kind)
    const [server, other] = servers
    assert.ok(server && other)
    assert.equal(childrenOf(server.pid).length, 2, 'no broker of its own')

    await call(server, '/publish?topic=news.first&text=one')
    await Promise.all(servers.map((each) => untilGot(each, 'one', 2)))

    const reply = (await call(server, '/request?topic=who&text=hi')) as { data: string; pid: number }
    assert.equal(reply.data, 'hi')
    assert.ok(servers.some(({ pid }) => childrenOf(pid).includes(reply.pid)))
    const failure = { name: 'RangeError', message: 'no such order', code: 'ENOORDER', isBusError: false }
    assert.deepEqual(await call(server, '/request?topic=who&text=fail'), failure)
    const { code } = (await call(server, '/request?topic=nobody')) as { code: string }
    assert.equal(code, 'BUS_NO_SUBSCRIBER')

    await carrier.kill()
    await server.says(/bus: (redis|nats):\/\/127\.0\.0\.1:\d+ cannot be reached: .*; trying again/, 2)
    await call(server, '/publish?topic=news.meanwhile&text=two')
    await carrier.start()
    await server.says(/bus: (redis|nats):\/\/127\.0\.0\.1:\d+ can be reached again/, 2)
    await untilGot(server, 'two', 1)
    // The other server may not be back yet: at most once.
    await eventually('a message in all processes', async () => {
      const text = `three-${Math.random()}`
      await call(server, `/publish?topic=news.again&text=${text}`)
      const all = servers.map((each) => untilGot(each, text, 2))
      const late = new Promise<undefined>((resolve) => setTimeout(resolve, 2000, undefined))
      return Promise.race([Promise.all(all).then(() => true as const), late])
    })
    const back = (await call(other, '/request?topic=who&text=back')) as { data: string }
    assert.equal(back.data, 'back')

    const printed = spawnSync(nodeBinary, [`${repository}/bin/tsgun.js`, '--print-config'], {
      cwd: server.project.directory,
      encoding: 'utf8',
    }).stdout
    assert.match(printed, /bus +=.*\*\*\*@127/)
    for (const each of servers) await each.stop()
    for (const text of [printed, ...servers.map((each) => each.stderr + each.stdout)])
      assert.ok(!text.includes(secret), `${url} is in\n${text}`)
  })

/** The same servers with TLS alone: what is in the URL, and more words of the command. */
const secured = {
  redis: {
    protocol: 'rediss:',
    words: (port: number, { certfile, keyfile }: Issued, authority: string) => [
      '--port',
      '0',
      '--tls-port',
      String(port),
      '--tls-auth-clients',
      'no',
      '--tls-cert-file',
      certfile,
      '--tls-key-file',
      keyfile,
      '--tls-ca-cert-file',
      authority,
    ],
  },
  nats: {
    protocol: 'tls:',
    words: (_port: number, { certfile, keyfile }: Issued) => [
      '--tls',
      '--tlscert',
      certfile,
      '--tlskey',
      keyfile,
    ],
  },
} as const

for (const kind of ['redis', 'nats'] as const)
  test(`${kind} with TLS is used if its certificate is trusted, else the log says what to do`, async (t) => {
    const port = await freePort()
    const authority = new Authority(createProject(t).directory)
    const words = secured[kind].words(port, authority.issue({ names: ['127.0.0.1'] }), authority.certfile)
    const carrier = new CarrierServer([...carriers[kind].command(port), ...words], port)
    t.after(() => carrier.kill())
    await carrier.start()
    const url = carriers[kind].url(port).replace(/^\w+:/, secured[kind].protocol)
    const packages = [carriers[kind].package]
    const shown = url.replace(/\/\/.*@/, '//').replace(/\?.*/, '')

    const trusting = `workers: 2, bus: '${url}', env: { NODE_EXTRA_CA_CERTS: '${authority.certfile}' },`
    const server = await startBus(t, { settings: trusting, packages })
    await call(server, '/publish?topic=news.first&text=one')
    await untilGot(server, 'one', 2)
    assert.equal(((await call(server, '/request?topic=who&text=hi')) as { data: string }).data, 'hi')

    const app = `import { bus } from 'tsgun'\nbus.subscribe('a', () => 1)\nexport default (q, r) => r.end()\n`
    const config = `export default { app: './app.js', bind: '127.0.0.1:0', workers: 1, bus: '${url}' }\n`
    const stranger = await startServer(
      createProject(t, { 'app.js': app, 'server.config.js': config }, packages),
    )
    await stranger.says(
      new RegExp(
        `bus: ${shown} cannot be reached: the authority of its certificate is not known: name it in ` +
          'NODE_EXTRA_CA_CERTS \\(.+\\); trying again',
      ),
    )
    for (const each of [server, stranger]) await each.stop()
    assert.doesNotMatch(server.stderr, /bus: /)
  })

test('a client that is not installed is named, and a wrong URL is refused', (t) => {
  const project = createProject(t, {
    'app.js': 'export default (q, r) => r.end()\n',
    'server.config.js': `export default { app: './app.js', bind: '127.0.0.1:0', bus: 'nats://127.0.0.1' }\n`,
  })
  const check = (): string => {
    const words = [`${repository}/bin/tsgun.js`, '--check-config']
    return spawnSync(nodeBinary, words, { cwd: project.directory, encoding: 'utf8' }).stderr
  }
  assert.match(check(), /its client is not installed: npm install @nats-io\/transport-node/)
  project.write('server.config.js', `export default { app: './app.js', bus: 'http://127.0.0.1' }\n`)
  assert.match(check(), /bus.*expected a URL with redis:\/\//s)
})
