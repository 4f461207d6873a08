// `bind` at a reload: new addresses are opened first, kept ones are not touched, removed ones are closed
// last, and no connection is reset.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { Load } from '../helpers/load.ts'
import { routesApp } from '../helpers/routes.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'

const config = (bind: readonly string[], text = ''): string =>
  `export default { app: './app.js', bind: ${JSON.stringify(bind)}, workers: 2, ${text} }\n`
const files = (bind: readonly string[], text = ''): Record<string, string> => ({
  'app.js': routesApp,
  'server.config.js': config(bind, text),
})

/** A port that is free at the moment. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

async function reload(
  server: RunningServer,
  project: Project,
  bind: readonly string[],
  generation: number,
): Promise<void> {
  project.write('server.config.js', config(bind))
  server.signal('SIGHUP')
  await server.says(new RegExp(`reload done: generation ${generation} serves`))
}

/** The errors that a client may get at an address that the server has closed. */
const refusals = /ECONNREFUSED|ENOENT/

test('the new workers serve another port, the old port is refused afterwards, and no connection is reset', async (t) => {
  const ports = [await freePort(), await freePort()]
  const [before = '', after = ''] = ports.map((port) => `http://127.0.0.1:${port}`)
  const bind = ports.map((port) => [`127.0.0.1:${port}`])
  const project = createProject(t, files(bind[0] ?? []))
  const server = await startServer(project)
  const load = new Load(before, { kept: 4, fresh: 4 })
  await server.until('some answers', () => load.responseCount > 50)
  await reload(server, project, bind[1] ?? [], 2)
  const late = new Load(after, { kept: 2, fresh: 2 })
  await server.until('answers at the new address', () => late.responseCount > 50)
  await server.until('refusals at the old one', () => load.failures.length > 0)
  await Promise.all([load.stop(), late.stop()])
  assert.deepEqual(late.failures, [])
  for (const { reason } of load.failures) assert.match(reason, refusals)
  assert.doesNotMatch(server.stderr, /only a restart/)
  await server.stop()
})

test('from TCP to a unix socket and back: the old socket is closed, and its file is removed', async (t) => {
  const project = createProject(t, files(['127.0.0.1:0']))
  const server = await startServer(project)
  const { url } = server
  const path = `unix:${project.path('web.sock')}`
  await reload(server, project, ['unix:web.sock'], 2)
  assert.equal((await ask(path, '/slow/1')).body, 'slow')
  await assert.rejects(ask(url), /ECONNREFUSED/)
  const load = new Load(path, { kept: 4, fresh: 4 })
  await server.until('some answers', () => load.responseCount > 50)
  const port = await freePort()
  await reload(server, project, [`127.0.0.1:${port}`], 3)
  assert.equal((await ask(`http://127.0.0.1:${port}`, '/slow/1')).body, 'slow')
  await server.until('refusals', () => load.failures.length > 0)
  await load.stop()
  for (const { reason } of load.failures) assert.match(reason, refusals)
  assert.ok(!existsSync(project.path('web.sock')) && !existsSync(project.path('web.sock.closing')))
  await server.stop()
})

test('a second address is added and removed while the first is under load and never fails', async (t) => {
  const project = createProject(t, files(['127.0.0.1:0']))
  const server = await startServer(project)
  const load = new Load(server.url, { kept: 4, fresh: 4 })
  await server.until('some answers', () => load.responseCount > 50)
  const inode = listening(server)
  await reload(server, project, ['127.0.0.1:0', 'unix:web.sock'], 2)
  assert.equal((await ask(`unix:${project.path('web.sock')}`, '/slow/1')).body, 'slow')
  await reload(server, project, ['127.0.0.1:0'], 3)
  await assert.rejects(ask(`unix:${project.path('web.sock')}`), refusals)
  const answered = load.responseCount
  await server.until('more answers', () => load.responseCount > answered + 50)
  await load.stop()
  assert.deepEqual(load.failures, [])
  assert.deepEqual(listening(server), inode, 'the very same socket')
  await server.stop()
})

test('an address in use fails the reload with the reason, and addresses opened for the reload are closed again', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address() as AddressInfo
  const project = createProject(t, files(['127.0.0.1:0']))
  const server = await startServer(project)
  const { url, workerPids } = server
  project.write('server.config.js', config(['unix:web.sock', `127.0.0.1:${port}`]))
  server.signal('SIGHUP')
  await server.says(
    new RegExp(`reload failed, .*bind: cannot listen on 127\\.0\\.0\\.1:${port}: it is in use`),
  )
  assert.deepEqual(server.workerPids, workerPids)
  assert.ok(!existsSync(project.path('web.sock')))
  assert.equal((await ask(url, '/slow/1')).body, 'slow')
  await server.stop()
})

test('a reload whose app does not boot closes the new sockets and keeps serving the old ones', async (t) => {
  const project = createProject(t, files(['127.0.0.1:0', 'unix:old.sock']))
  const server = await startServer(project)
  project.write('app.js', `throw new Error('broken release')\n`)
  project.write('server.config.js', config(['unix:new.sock']))
  server.signal('SIGHUP')
  await server.says(/reload failed, .*broken release/)
  assert.ok(!existsSync(project.path('new.sock')))
  for (const url of server.listeners) assert.equal((await ask(url, '/slow/1')).body, 'slow')
  project.write('app.js', routesApp)
  await reload(server, project, ['127.0.0.1:0'], 3)
  await assert.rejects(ask(`unix:${project.path('old.sock')}`), refusals)
  assert.equal((await ask(server.url, '/slow/1')).body, 'slow')
  await server.stop()
})

test('connections that wait at a removed address are served by the old workers', async (t) => {
  const project = createProject(t, files(['127.0.0.1:0']))
  const server = await startServer(project)
  const blocking = server.workerPids.map(() => ask(server.url, '/block/1500'))
  const waiting = Array.from({ length: 20 }, () => ask(server.url, '/slow/1'))
  await reload(server, project, ['unix:web.sock'], 2)
  for (const { status } of await Promise.all([...blocking, ...waiting])) assert.equal(status, 200)
  await server.stop()
})

/**
 * The inodes of the master's listening TCP sockets: hooks and status cannot tell a socket from its
 * replacement.
 */
function listening(server: RunningServer): readonly string[] {
  const sockets = readdirSync(`/proc/${server.pid}/fd`).map((fd) => linkOf(`/proc/${server.pid}/fd/${fd}`))
  const table = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  const inodes = table.filter(([, , , state]) => state === '0A').map((row) => `socket:[${row[9] ?? ''}]`)
  return sockets.filter((link) => inodes.includes(link))
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // closed while the list was read
  }
}
