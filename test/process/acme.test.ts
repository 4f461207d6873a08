// Certificates by ACME, from a real authority (pebble): ordered while the server serves, kept, and renewed.

import assert from 'node:assert/strict'
import { randomBytes, type X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import tls from 'node:tls'
import { Authority } from '../helpers/certificates.ts'
import { ask } from '../helpers/http.ts'
import { connectSecurely } from '../helpers/https.ts'
import { noOtherUser, openToAll } from '../helpers/identity.ts'
import { lacksPebble, startPebble, type Pebble, type PebbleOptions } from '../helpers/pebble.ts'
import { childrenOf, commandOf, groupMembers, isAlive, killProcess } from '../helpers/processes.ts'
import { freePort } from '../helpers/real-proxy.ts'
import { createProject, launch, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = 'export default (req, res) => res.end(String(process.pid))\n'
const names = ['shop.example', 'www.shop.example']

interface Ports {
  readonly http: number
  readonly https: number
}

interface World {
  readonly project: Project
  readonly pebble: Pebble
  readonly ports: Ports
}

/** `more`: other parts of `acme`. `settings`: other settings. */
async function world(
  t: TestContext,
  { more = '', settings = 'workers: 2', pebble: options = {} as PebbleOptions } = {},
): Promise<World> {
  const project = createProject(t, { 'app.js': app })
  const ports = { http: await freePort(), https: await freePort() }
  const pebble = await startPebble(project, { httpPort: ports.http, tlsPort: ports.https, ...options })
  configure(project, pebble, ports, { more, settings })
  return { project, pebble, ports }
}

function configure(
  project: Project,
  pebble: Pick<Pebble, 'directory' | 'directoryCa'>,
  ports: Ports,
  { more = '', settings = 'workers: 2', domains = names } = {},
): void {
  project.write(
    'server.config.js',
    `export default { app: './app.js', bind: ['https://127.0.0.1:${ports.https}', 'http://127.0.0.1:${ports.http}'],
      acme: { email: 'ops@shop.example', domains: ${JSON.stringify(domains)}, directory: '${pebble.directory}',
        directory_ca: '${pebble.directoryCa}', storage: 'storage', ${more} },
      accesslog: 'access.log', ${settings} }\n`,
  )
}

/** The certificate that a client gets for a name, and whether it trusts it. */
function shown(
  { ports, pebble }: Pick<World, 'ports' | 'pebble'>,
  servername = 'shop.example',
): Promise<{ readonly certificate: X509Certificate; readonly isTrusted: boolean }> {
  return new Promise((resolve, reject) => {
    const ca = readFileSync(pebble.root)
    const socket = tls.connect(
      { host: '127.0.0.1', port: ports.https, servername, ca, rejectUnauthorized: false },
      () => {
        const certificate = socket.getPeerX509Certificate()
        const isTrusted = socket.authorized
        socket.destroy()
        if (certificate) resolve({ certificate, isTrusted })
        else reject(new Error('no certificate'))
      },
    )
    socket.once('error', reject)
  })
}

/** Each worker gets about half of the connections. `before`: a serial number that is no longer meant. */
async function shownByAll(made: World, server: RunningServer, before?: string): Promise<string> {
  return eventually(
    'a trusted certificate from all workers',
    async () => {
      const all = await Promise.all(
        names.flatMap((name) => Array.from({ length: 8 }, () => shown(made, name))),
      )
      const serials = new Set(all.map(({ certificate }) => certificate.serialNumber))
      const [serial] = serials
      const isShown = serials.size === 1 && serial !== before && all.every(({ isTrusted }) => isTrusted)
      return isShown ? serial : undefined
    },
    () => `${server.report()}\n--- pebble\n${made.pebble.output()}`,
  )
}

/** The file that holds the key and the certificate. */
function stored({ project, pebble }: Pick<World, 'project' | 'pebble'>): string {
  const folder = join(project.path('storage'), new URL(pebble.directory).host.replace(':', '-') + '-dir')
  const [name = ''] = readdirSync(folder).filter((each) => each.endsWith('.pem'))
  return join(folder, name)
}

/** The permissions of all that is in a directory, by its path in it. */
function modesIn(directory: string): readonly number[] {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return ['', ...paths].map((path) => statSync(join(directory, path)).mode & 0o777)
}

const accessPaths = (project: Project): readonly string[] =>
  project
    .read('access.log')
    .split('\n')
    .flatMap((line) => /"GET (\S+) HTTP\/1\.1" (\d+)/.exec(line)?.slice(1, 3).join(' ') ?? [])

for (const challenge of ['http-01', 'tls-alpn-01'])
  test(
    `a certificate is ordered by ${challenge} while a placeholder is served`,
    { skip: lacksPebble },
    async (t) => {
      const made = await world(t, { more: `challenge: '${challenge}'`, settings: 'workers: 3' })
      const { project, pebble, ports } = made
      const server = await startServer(project)
      await server.says(
        /WARN.*ACME: there is no certificate for shop\.example, www\.shop\.example yet; a self-signed one is/,
      )
      await server.says(/ACME: ordering a certificate for shop\.example, www\.shop\.example from https:/)
      await server.says(
        /ACME: got a certificate for shop\.example, www\.shop\.example from https:.* renewed on/,
      )
      await shownByAll(made, server)
      assert.doesNotMatch(server.stderr, /retire|ERROR/)
      assert.equal(pebble.issued(), 1)
      const asked = accessPaths(project).filter((path) =>
        /^\/\.well-known\/acme-challenge\/\S{20,} 200$/.test(path),
      )
      if (challenge === 'http-01') assert.ok(asked.length >= 2, project.read('access.log'))
      else assert.deepEqual(asked, [])
      for (const path of ['/.well-known/acme-challenge/x', asked[0]?.split(' ')[0] ?? '/'])
        assert.match((await ask(`http://127.0.0.1:${ports.http}`, path)).body, /^\d+$/, 'the app gets it')
      assert.deepEqual([...new Set(modesIn(project.path('storage')))].sort(), [0o600, 0o700])
      const [, secret = ''] =
        /-----BEGIN PRIVATE KEY-----\n([^]{60})/.exec(readFileSync(stored(made), 'utf8')) ?? []
      assert.ok(secret.length === 60 && !server.report().includes(secret.slice(20)))
      await server.stop()
    },
  )

test(
  'a restart and an upgrade serve the stored certificate, and order nothing',
  { skip: lacksPebble },
  async (t) => {
    const made = await world(t, { settings: `workers: 2, pidfile: 'server.pid'` })
    const { project, pebble } = made
    const first = await startServer(project)
    const serial = await shownByAll(made, first)
    await first.stop()
    const server = await startServer(project)
    assert.equal(await shownByAll(made, server), serial)
    server.signal('SIGUSR2')
    await server.says(/upgrade: the new master \d+ serves beside this one/)
    const successor = Number(project.read('server.pid.2'))
    server.signal('SIGTERM')
    await server.says(/upgrade done: the old master \d+ has exited/)
    assert.equal(await shownByAll(made, server), serial)
    assert.doesNotMatch(server.stderr, /ACME/)
    assert.equal(pebble.issued(), 1)
    killProcess(successor, 'SIGTERM')
    await server.until('the end of the new master', () => !isAlive(successor))
  },
)

test(
  'a certificate is renewed before it ends, and no connection is closed',
  { skip: lacksPebble },
  async (t) => {
    const made = await world(t, {
      settings: `workers: 2, http_protocols: ['h2', 'h1']`,
      pebble: { reuses: true },
    })
    const { project, pebble, ports } = made
    const first = await startServer(project)
    await shownByAll(made, first)
    await first.stop()
    const old = new Authority(project.directory, 'old')
    const from = new Date(Date.now() - 250 * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')
    const { chainfile, keyfile } = old.issue({ names, from: `${from}000000Z` })
    writeFileSync(stored(made), readFileSync(keyfile, 'utf8') + readFileSync(chainfile, 'utf8'))
    const server = await startServer(project)
    const idle = await connectSecurely(`https://127.0.0.1:${ports.https}`, old, {
      servername: 'shop.example',
    })
    assert.ok(idle.authorized)
    await server.says(/ACME: got a certificate/)
    await shownByAll(made, server)
    assert.equal(pebble.issued(), 2)
    idle.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    assert.match(String((await once(idle, 'data'))[0]), /^HTTP\/1\.1 200 /)
    assert.doesNotMatch(server.stderr, /retire|ERROR|WARN/)
    await server.stop()
  },
)

test(
  'a reload with another name keeps the certificate until there is one with that name',
  { skip: lacksPebble },
  async (t) => {
    const made = await world(t)
    const { project, pebble, ports } = made
    const server = await startServer(project)
    const serial = await shownByAll(made, server)
    configure(project, pebble, ports, { domains: [...names, 'blog.example'] })
    server.signal('SIGHUP')
    await server.says(
      /ACME: ordering a certificate for shop\.example, www\.shop\.example, blog\.example from/,
    )
    await server.says(/ACME: got a certificate for shop\.example, www\.shop\.example, blog\.example from/)
    await server.says(/reload done/) // workers of the old generation keep what they have
    await shownByAll(made, server, serial)
    assert.ok((await shown(made, 'blog.example')).isTrusted)
    assert.equal(server.stderr.match(/self-signed/g)?.length, 1, 'only at the start')
    await server.stop()
  },
)

test(
  'an authority that wants an account of its own gets it from a file',
  { skip: lacksPebble },
  async (t) => {
    const customer = { kid: 'shop', hmac_key: randomBytes(32).toString('base64url') }
    const made = await world(t, { more: `external_account: 'account.json'`, pebble: { customer } })
    const { project, pebble, ports } = made
    project.write('account.json', customer.hmac_key)
    const server = await startServer(project)
    await server.says(/ERROR.*ACME: no certificate.*: external_account .*account\.json: expected \{ "kid"/)
    await server.stop()
    rmSync(failureMark(project))
    project.write('account.json', JSON.stringify(customer))
    const second = await startServer(project)
    await shownByAll(made, second)
    await second.stop()
    for (const { stderr } of [server, second]) assert.ok(!stderr.includes(customer.hmac_key))
    rmSync(project.path('storage'), { recursive: true })
    configure(project, pebble, ports)
    const without = await startServer(project)
    await without.says(/ERROR.*ACME: no certificate.*\(externalAccountRequired\)/)
    await without.stop()
  },
)

test('two masters with one storage order once', { skip: lacksPebble }, async (t) => {
  const made = await world(t, { pebble: { alwaysValid: true } })
  const { project, pebble } = made
  const other = { http: await freePort(), https: await freePort() }
  const binds = ['--bind', `https://127.0.0.1:${other.https}`, '--bind', `http://127.0.0.1:${other.http}`]
  const [one, two] = await Promise.all([startServer(project), startServer(project, { arguments: binds })])
  const serial = await shownByAll(made, one)
  assert.equal(await shownByAll({ ...made, ports: other }, two), serial)
  assert.equal(pebble.issued(), 1)
  const orders = [one, two].map(({ stderr }) => stderr.match(/ACME: ordering/g)?.length ?? 0)
  assert.deepEqual(orders.sort(), [0, 1])
  await Promise.all([one.stop(), two.stop()])
})

test('an authority that refuses is quoted, and the server serves', { skip: lacksPebble }, async (t) => {
  const made = await world(t, { pebble: { blocked: ['shop.example'] } })
  const { project, ports } = made
  const server = await startServer(project)
  await server.says(
    /ERROR.*ACME: no certificate for shop\.example, www\.shop\.example, next try in 60 s, served is a self-signed one: .*shop\.example.*\(rejectedIdentifier\)/,
  )
  assert.match((await ask(`http://127.0.0.1:${ports.http}`, '/')).body, /^\d+$/)
  assert.equal((await shown(made)).certificate.checkHost('shop.example'), 'shop.example')
  assert.equal(server.stderr.match(/ERROR/g)?.length, 1, server.report())
  await server.stop()
  const again = await startServer(project)
  await again.says(
    /INFO.*ACME: the certificate for .* is ordered in [\d.]+ s, because the last order has failed/,
  )
  assert.doesNotMatch(again.stderr, /ACME: ordering/)
  await again.stop()
})

test(
  'a challenge that the authority cannot see is quoted with its address',
  { skip: lacksPebble },
  async (t) => {
    const made = await world(t, { more: `challenge: 'http-01'`, pebble: { httpPort: await freePort() } })
    const server = await startServer(made.project)
    await server.says(
      /ERROR.*ACME: no certificate for .*www\.shop\.example.*connection refused.*\(connection\)/,
    )
    await server.stop()
  },
)

const noPebble = { directory: '', directoryCa: '' }

test(
  'a directory that cannot be reached, or is not trusted, is no reason to stop',
  { skip: lacksPebble },
  async (t) => {
    const made = await world(t)
    const { project, pebble, ports } = made
    configure(project, pebble, ports, { more: 'directory_ca: null' })
    const server = await startServer(project)
    await server.says(
      /ERROR.*ACME: no certificate .*the authority of the certificate of localhost:\d+ is not known \(.*\); name its file in directory_ca/,
    )
    await server.stop()
    const directory = `https://localhost:${await freePort()}/dir`
    configure(project, { ...pebble, directory }, ports)
    const other = await startServer(project)
    await other.says(/ERROR.*ACME: no certificate .*: localhost:\d+ cannot be reached: connect ECONNREFUSED/)
    assert.match((await ask(`http://127.0.0.1:${ports.http}`, '/')).body, /^\d+$/)
    await other.stop()
  },
)

/** The file that is there after a failure. */
function failureMark(project: Project): string {
  const paths = readdirSync(project.path('storage'), { recursive: true, encoding: 'utf8' })
  return join(project.path('storage'), paths.find((path) => path.endsWith('.failed')) ?? '')
}

/** A directory that accepts connections and never answers. */
async function silentDirectory(t: TestContext): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  t.after(() => server.close())
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, close }
}

/** It has its title when its modules are loaded. */
const orderers = (server: RunningServer): readonly number[] =>
  childrenOf(server.pid).filter((pid) => /tsgun: acme|acme\/main\.js/.test(commandOf(pid)))

/** A master that orders from a directory that never responds. */
async function startOrdering(t: TestContext) {
  const project = createProject(t, { 'app.js': app })
  const ports = { http: await freePort(), https: await freePort() }
  const silent = await silentDirectory(t)
  const directory = `https://localhost:${silent.port}/dir`
  configure(project, { directory, directoryCa: '' }, ports, { more: 'directory_ca: null' })
  const first = await startServer(project)
  await first.says(/ACME: ordering a certificate/)
  return { project, ports, silent, first }
}

test(
  'while a master orders, another one with the same storage does not',
  { skip: lacksPebble },
  async (t) => {
    const { project, first } = await startOrdering(t)
    const binds = ['--bind', 'https://127.0.0.1:0', '--bind', 'http://127.0.0.1:0']
    const second = await startServer(project, { arguments: binds })
    await eventually('a process that looks', () => orderers(second).length > 0 || undefined)
    await eventually('its end', () => orderers(second).length === 0 || undefined)
    assert.doesNotMatch(second.stderr, /ACME: ordering|ERROR/)
    await Promise.all([first.stop(), second.stop()])
  },
)

test(
  'the process that orders may die, and ends with its master, and leaves no lock behind',
  { skip: lacksPebble },
  async (t) => {
    const { project, ports, silent, first } = await startOrdering(t)
    const [pid = 0] = orderers(first)
    killProcess(pid, 'SIGKILL')
    await first.says(
      /ERROR.*ACME: no certificate .*next try in 60 s.*: the process that orders it has ended by SIGKILL/,
    )
    await first.stop()
    const second = await startServer(project)
    await second.says(/ACME: ordering a certificate/)
    const begun = performance.now()
    await second.stop() // all its processes have ended, or the test fails
    assert.ok(performance.now() - begun < 5000)
    assert.doesNotMatch(second.stderr, /ERROR/)
    const killed = await startServer(project)
    await killed.says(/ACME: ordering a certificate/)
    const [orphan = 0] = orderers(killed)
    killed.signal('SIGKILL')
    await eventually('the end of the process that orders', () => !isAlive(orphan) || undefined)
    await eventually('the end of its workers', () => groupMembers(killed.pid).length === 0 || undefined)
    for (const name of readdirSync(project.path('tmp')))
      rmSync(join(project.path('tmp'), name), { recursive: true }) // a killed master leaves its files
    await silent.close()
    const options = { port: silent.port, httpPort: ports.http, tlsPort: ports.https }
    const pebble = await startPebble(project, options)
    configure(project, pebble, ports)
    const server = await startServer(project)
    await shownByAll({ project, ports, pebble }, server)
    await server.stop()
  },
)

test('after an upgrade the new master orders, as soon as it is alone', { skip: lacksPebble }, async (t) => {
  const project = createProject(t, { 'app.js': app })
  const ports = { http: await freePort(), https: await freePort() }
  const silent = await silentDirectory(t)
  const settings = `workers: 2, pidfile: 'server.pid'`
  configure(project, { directory: `https://localhost:${silent.port}/dir`, directoryCa: '' }, ports, {
    more: 'directory_ca: null',
    settings,
  })
  const server = await startServer(project)
  await server.says(/ACME: ordering a certificate/)
  await silent.close()
  await server.says(/ERROR.*ACME: no certificate/)
  rmSync(failureMark(project)) // else the next try would wait for a minute
  const pebble = await startPebble(project, { port: silent.port, httpPort: ports.http, tlsPort: ports.https })
  configure(project, pebble, ports, { settings })
  server.signal('SIGUSR2')
  await server.says(/upgrade: the new master \d+ serves beside this one/)
  const successor = Number(project.read('server.pid.2'))
  server.signal('SIGTERM')
  await server.says(/upgrade done: the old master \d+ has exited/)
  assert.equal(server.stderr.match(/ACME: ordering/g)?.length, 1)
  await server.says(/ACME: got a certificate/)
  await shownByAll({ project, ports, pebble }, server)
  killProcess(successor, 'SIGTERM')
  await server.until('the end of the new master', () => !isAlive(successor))
})

test('a storage that cannot be used ends the start, and a check makes none', async (t) => {
  const project = createProject(t, { 'app.js': app, 'a-file': '' })
  const ports = { http: 0, https: 0 }
  configure(project, { ...noPebble, directory: 'https://127.0.0.1:1/dir' }, ports, {
    more: `storage: 'a-file', directory_ca: null`,
  })
  const refused = launch(project)
  assert.equal((await refused.exit()).code, 1)
  assert.match(refused.stderr, /acme: storage: .*a-file.* cannot be used: /)
  configure(project, { ...noPebble, directory: 'https://127.0.0.1:1/dir' }, ports, {
    more: 'directory_ca: null',
  })
  const checked = launch(project, { arguments: ['--check-config'] })
  assert.deepEqual(
    [(await checked.exit()).code, existsSync(project.path('storage'))],
    [0, false],
    checked.report(),
  )
})

test(
  'workers of another user have no right to the storage and need none',
  { skip: lacksPebble || noOtherUser },
  async (t) => {
    const made = await world(t, { settings: `workers: 2, user: 'nobody'` })
    openToAll(made.project)
    const server = await startServer(made.project)
    await shownByAll(made, server)
    await server.stop()
  },
)
