// USR2 of a server with TLS: the new master reads the certificates itself, and no request fails.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Authority, install } from '../helpers/certificates.ts'
import { askSecurely } from '../helpers/https.ts'
import { isAlive, killProcess } from '../helpers/processes.ts'
import { SecureLoad } from '../helpers/secure-load.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

test('an upgrade under load of HTTPS fails no request, and the new master renews certificates', async (t) => {
  const project = createProject(t, {
    'app.js': 'export default (req, res) => res.end(String(process.ppid))\n',
    'server.config.js': `export default { app: './app.js', certfile: 'tls.pem', keyfile: 'tls.key', workers: 1,
      pidfile: 'server.pid', bind: ['https://127.0.0.1:0', 'http://127.0.0.1:0'] }\n`,
  })
  const authority = new Authority(project.directory)
  const renew = (): void => install(authority.issue(), project.path('tls.pem'), project.path('tls.key'))
  renew()
  const server = await startServer(project)
  const load = new SecureLoad(server.url, authority, 2)
  await server.until('responses', () => load.responses > 10)
  server.signal('SIGUSR2')
  await server.says(/upgrade: the new master \d+ serves beside this one/)
  const successor = Number(project.read('server.pid.2'))
  server.signal('SIGTERM')
  await server.says(/upgrade done: the old master \d+ has exited/)
  const before = load.responses
  await server.until('responses', () => load.responses > before + 10)
  await load.stop()
  assert.deepEqual(load.failures, [])
  assert.equal((await askSecurely(server.url, authority)).body, String(successor))
  assert.equal(await (await fetch(server.listeners[1] ?? '')).text(), String(successor))
  renew()
  await server.says(/TLS: new certificates are served/)
  killProcess(successor, 'SIGTERM')
  await server.until('the end of the new master', () => !isAlive(successor))
})
