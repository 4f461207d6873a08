// Certificates that change while the server serves: by their files, by links as certbot has them, and by HUP.

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Authority, install, type Issued, type IssueOptions } from '../helpers/certificates.ts'
import { askSecurely, connectSecurely } from '../helpers/https.ts'
import { killProcess } from '../helpers/processes.ts'
import { SecureLoad } from '../helpers/secure-load.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = 'export default (req, res) => res.end(String(process.pid))\n'

interface Renewing {
  readonly project: Project
  readonly server: RunningServer
  readonly authority: Authority
  /** Issues a certificate and puts it where the config names it. */
  renew(options?: IssueOptions): Issued
  /** The serial number that a new connection gets. */
  shown(): Promise<string>
}

const serialOf = ({ certfile }: Pick<Issued, 'certfile'>): string =>
  new X509Certificate(readFileSync(certfile)).serialNumber

async function start(t: TestContext, settings = 'workers: 2'): Promise<Renewing> {
  const project = createProject(t, {
    'app.js': app,
    'server.config.js': `export default { app: './app.js', certfile: 'tls.pem', keyfile: 'tls.key',
      bind: 'https://127.0.0.1:0', ${settings} }\n`,
  })
  const authority = new Authority(project.directory)
  const renew: Renewing['renew'] = (options) => {
    const issued = authority.issue(options)
    install(issued, project.path('tls.pem'), project.path('tls.key'))
    return issued
  }
  renew()
  const server = await startServer(project)
  const shown = async (): Promise<string> => (await askSecurely(server.url, authority)).serial
  return { project, server, authority, renew, shown }
}

/** Each worker gets about half of the connections. */
async function shownByAll({ shown, server }: Renewing, serial: string): Promise<void> {
  await eventually(
    'the new certificate',
    async () => {
      const serials = new Set(await Promise.all(Array.from({ length: 12 }, () => shown())))
      return (serials.size === 1 && serials.has(serial)) || undefined
    },
    () => server.report(),
  )
}

test('changed files are served by all workers, under load, without a failure or a closed connection', async (t) => {
  const renewing = await start(t)
  const { server, authority, renew } = renewing
  const pids = server.workerPids
  const idle = await connectSecurely(server.url, authority)
  const load = new SecureLoad(server.url, authority)
  await server.until('responses', () => load.responses > 20)
  for (let time = 1; time <= 2; time += 1) {
    const issued = renew()
    await server.says(/TLS: new certificates are served: \/.*\/tls\.pem \(until \d{4}-\d\d-\d\d\)/, time)
    await shownByAll(renewing, serialOf(issued))
  }
  const before = load.responses
  await server.until('responses', () => load.responses > before + 20)
  await load.stop()
  assert.deepEqual(load.failures, [])
  assert.equal(load.opened, 4, 'a connection was closed')
  idle.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  assert.match(String((await once(idle, 'data'))[0]), /^HTTP\/1\.1 200 /)
  assert.deepEqual(server.workerPids, pids, 'a worker was replaced')
  assert.doesNotMatch(server.stderr, /ERROR/)
  await server.stop()
})

test('a worker that starts after a change serves the new certificate', async (t) => {
  const renewing = await start(t, 'workers: 1')
  const { server, renew } = renewing
  const issued = renew()
  await server.says(/TLS: new certificates are served/)
  killProcess(server.workerPids[0] ?? 0, 'SIGKILL')
  await server.says(/is ready/, 3) // also the line that all are
  assert.equal(await renewing.shown(), serialOf(issued))
  await server.stop()
})

test('links of certbot are followed, and a certificate waits for its key', async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'server.config.js': `export default { app: './app.js', bind: 'https://127.0.0.1:0', workers: 1,
      certfile: 'live/site/fullchain.pem', keyfile: 'live/site/privkey.pem' }\n`,
  })
  const authority = new Authority(project.directory)
  mkdirSync(project.path('live/site'), { recursive: true })
  mkdirSync(project.path('archive/site'), { recursive: true })
  const archive = (number: number): Issued => {
    const issued = authority.issue()
    copyFileSync(issued.chainfile, project.path(`archive/site/fullchain${number}.pem`))
    copyFileSync(issued.keyfile, project.path(`archive/site/privkey${number}.pem`))
    return issued
  }
  const link = (name: string, number: number): void => {
    symlinkSync(`../../archive/site/${name}${number}.pem`, project.path(`live/site/${name}.new`))
    renameSync(project.path(`live/site/${name}.new`), project.path(`live/site/${name}.pem`))
  }
  const first = archive(1)
  link('fullchain', 1)
  link('privkey', 1)
  const server = await startServer(project)
  const second = archive(2)
  link('fullchain', 2)
  await delay(4500) // the master has looked twice
  const shown = async (): Promise<string> => (await askSecurely(server.url, authority)).serial
  assert.equal(await shown(), serialOf(first))
  link('privkey', 2)
  await server.says(/TLS: new certificates are served/)
  assert.equal(await shown(), serialOf(second))
  assert.doesNotMatch(server.stderr, /ERROR/)
  await server.stop()
})

test('changed files that cannot be used are reported once, and used when they can be', async (t) => {
  const { server, project, authority, renew, shown } = await start(t, 'workers: 1')
  const before = await shown()
  copyFileSync(authority.issue().chainfile, project.path('tls.pem'))
  await server.says(
    /ERROR.*TLS: the changed files are not used, the certificates before them are still served: certfile: \/.*\/tls\.pem does not belong to the key/,
  )
  assert.equal(await shown(), before)
  renew({ days: -1 })
  await server.says(/ERROR.*still served: certfile: \/.*\/tls\.pem has expired/)
  await delay(4500) // the master has looked twice
  assert.equal(server.stderr.match(/ERROR/g)?.length, 2)
  assert.equal(await shown(), before)
  const issued = renew()
  await server.says(/TLS: new certificates are served/)
  assert.equal(await shown(), serialOf(issued))
  await server.stop()
})

test('HUP reads the files again; one that cannot be used fails the reload as a whole', async (t) => {
  const renewing = await start(t)
  const { server, project, authority, renew } = renewing
  const issued = renew()
  server.signal('SIGHUP')
  await server.says(/reload done: generation 2 serves/)
  await shownByAll(renewing, serialOf(issued))
  const pids = server.workerPids
  copyFileSync(authority.issue().keyfile, project.path('tls.key'))
  server.signal('SIGHUP')
  await server.says(
    /reload failed, the old generation keeps serving: server\.config\.js: certfile: \/.*\/tls\.pem does not belong to the key/,
  )
  assert.deepEqual(server.workerPids, pids)
  await shownByAll(renewing, serialOf(issued))
  await server.stop()
})

test('a reload brings TLS to a socket, and takes it away, on the same port', async (t) => {
  const { server, project, authority } = await start(t, 'workers: 1')
  const config = project.read('server.config.js')
  const load = new SecureLoad(server.url, authority, 1)
  await server.until('responses', () => load.responses > 5)
  await load.stop()
  const bind = new URL(server.url).host
  project.write('server.config.js', config.replace('https://127.0.0.1:0', `https://${bind}`))
  server.signal('SIGHUP')
  await server.says(/reload done: generation 2 serves/)
  project.write('server.config.js', config.replace('https://127.0.0.1:0', `http://${bind}`))
  server.signal('SIGHUP')
  await server.says(/reload done: generation 3 serves/)
  assert.equal((await fetch(`http://${bind}/`)).status, 200)
  project.write('server.config.js', config.replace('https://127.0.0.1:0', bind))
  server.signal('SIGHUP')
  await server.says(/reload done: generation 4 serves/)
  assert.equal((await askSecurely(server.url, authority)).status, 200)
  await server.stop()
})
