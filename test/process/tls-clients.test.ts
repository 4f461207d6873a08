// Certificates of clients, the hook ssl_context, what the access log says of a handshake, and sessions that
// are resumed by any worker.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { Authority, install, type Issued } from '../helpers/certificates.ts'
import { askSecurely, connectSecurely, type SecureOptions } from '../helpers/https.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, launch, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

interface Mutual {
  readonly project: Project
  readonly authority: Authority
  readonly clients: Authority
  config(settings: string): void
  start(): Promise<RunningServer>
}

const app = `export default (req, res) => {
  const { subject } = req.socket.getPeerCertificate?.() ?? {}
  res.end([process.pid, req.socket.authorized, subject?.CN ?? 'none'].join(' '))
}\n`

function mutual(t: TestContext, settings: string): Mutual {
  const project = createProject(t, { 'app.js': app })
  const authority = new Authority(project.directory)
  install(authority.issue(), project.path('tls.pem'), project.path('tls.key'))
  const config = (text: string): void =>
    project.write(
      'server.config.js',
      `export default { app: './app.js', certfile: 'tls.pem', keyfile: 'tls.key', ca_certs: 'clients/ca.pem',
        bind: 'https://127.0.0.1:0', accesslog: 'access.log', ${text} }\n`,
    )
  config(settings)
  const clients = new Authority(project.directory, 'clients')
  return { project, authority, clients, config, start: () => startServer(project) }
}

const showing = ({ chainfile, keyfile }: Issued): SecureOptions => ({
  cert: readFileSync(chainfile),
  key: readFileSync(keyfile),
})

test('required: only a client with a valid certificate is served, and hooks and logs have its subject', async (t) => {
  const { project, authority, clients, start } = mutual(
    t,
    `workers: 1, cert_reqs: 2, loglevel: 'debug', access_log_format: 'json',
     pre_request: (worker, req) => console.log('hook', req.socket.getPeerX509Certificate().subject.split('\\n').pop())`,
  )
  const server = await start()
  const shop = showing(clients.issue({ subject: '/O=Example, Inc/CN=shop' }))
  assert.match((await askSecurely(server.url, authority, shop)).body, /^\d+ true shop$/)
  assert.match((await askSecurely(server.url, authority, { ...shop, maxVersion: 'TLSv1.2' })).body, / shop$/)
  await server.says(/hook CN=shop/)
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    await assert.rejects(askSecurely(server.url, authority, { maxVersion }))
    await assert.rejects(askSecurely(server.url, authority, { ...showing(authority.issue()), maxVersion }))
    await assert.rejects(
      askSecurely(server.url, authority, { ...showing(clients.issue({ days: -1 })), maxVersion }),
    )
  }
  await server.says(/handshake of 127\.0\.0\.1 failed: the client has shown no certificate \(cert_reqs\)/, 2)
  await server.says(
    /handshake of 127\.0\.0\.1 failed: the certificate of the client is not valid: (UNABLE_TO|SELF_SIGNED)/,
    2,
  )
  await server.says(
    /handshake of 127\.0\.0\.1 failed: the certificate of the client is not valid: CERT_HAS_EXP/,
    2,
  )
  await server.stop()
  const lines = recordsOf<{ client_subject: string; client_verify: string }>(project, 'access.log')
  assert.deepEqual(
    lines.map((line) => [line.client_subject, line.client_verify]),
    Array(2).fill(['CN=shop,O=Example\\, Inc', 'SUCCESS']),
  )
})

test('optional: a client without a certificate is served, one with an invalid one is not', async (t) => {
  const { project, authority, clients, start } = mutual(
    t,
    `workers: 1, cert_reqs: 'optional', loglevel: 'debug',
     access_log_format: '%(s)s %({SSL_CLIENT_VERIFY}x)s %({SSL_CLIENT_S_DN}x)s %({SSL_PROTOCOL}x)s %({SSL_TLS_SNI}x)s'`,
  )
  const server = await start()
  assert.match((await askSecurely(server.url, authority)).body, /^\d+ false none$/)
  const shop = showing(clients.issue({ subject: '/CN=shop' }))
  assert.match(
    (await askSecurely(server.url, authority, { ...shop, servername: 'localhost' })).body,
    / true shop$/,
  )
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
    await assert.rejects(askSecurely(server.url, authority, { ...showing(authority.issue()), maxVersion }))
  await server.says(/the certificate of the client is not valid: /, 2)
  await server.stop()
  assert.equal(project.read('access.log'), '200 NONE - TLSv1.3 -\n200 SUCCESS CN=shop TLSv1.3 localhost\n')
})

test('none: clients are not asked, and lines have nothing of it', async (t) => {
  const { project, authority, clients, start } = mutual(t, `workers: 1, access_log_format: 'json'`)
  const server = await start()
  assert.match((await askSecurely(server.url, authority, showing(clients.issue()))).body, / none$/)
  await server.stop()
  assert.doesNotMatch(project.read('access.log'), /client_/)
})

test('the hook ssl_context changes what is served, also for changed files; if it fails, those before stay', async (t) => {
  const { project, authority, clients, start, config } = mutual(t, '')
  const hook = `workers: 1, async ssl_context(config, defaults) {
      const options = defaults()
      console.log('hook', config.cert_reqs, Object.keys(options).sort().join(), options.cert.length)
      if ((await import('node:fs')).existsSync('fail')) throw new Error('not now')
      return { ...options, maxVersion: 'TLSv1.2' }
    }`
  config(hook)
  const server = await start()
  assert.match(server.stdout, /hook none cert,honorCipherOrder,key,minVersion,sessionIdContext 1/)
  assert.equal((await askSecurely(server.url, authority)).protocol, 'TLSv1.2')
  install(authority.issue(), project.path('tls.pem'), project.path('tls.key'))
  await server.says(/hook none/, 2)
  assert.equal((await askSecurely(server.url, authority)).protocol, 'TLSv1.2')
  project.write('fail', '')
  install(authority.issue(), project.path('tls.pem'), project.path('tls.key'))
  await server.says(
    /ERROR.*TLS: this worker keeps its certificates, because the new ones fail: the hook ssl_context of .* failed: not now/,
  )
  assert.equal((await askSecurely(server.url, authority)).protocol, 'TLSv1.2')
  await server.stop()
  const failing = launch(project)
  assert.equal((await failing.exit()).code, 3)
  assert.match(failing.stderr, /the hook ssl_context of .*server\.config\.js failed: not now/)
  config(`workers: 1, ssl_context: () => undefined, cert_reqs: 0`)
  const wrong = launch(project, { arguments: ['--check-config'] })
  assert.deepEqual(await wrong.exit(), { code: 1, signal: null })
  assert.match(
    wrong.stderr,
    /the hook ssl_context of .* failed: it has to return an object of options; got undefined/,
  )
  assert.ok(clients)
})

/** With TLS 1.2 it comes before the end of the handshake. */
function earlySession(socket: TLSSocket): Buffer | undefined {
  return socket.getProtocol() === 'TLSv1.2' ? socket.getSession() : undefined
}

/** Resolves with the session that a server has given. */
async function sessionOf(url: string, authority: Authority, options: SecureOptions): Promise<Buffer> {
  const socket: TLSSocket = await connectSecurely(url, authority, options)
  let session: Buffer | undefined
  socket.on('session', (latest: Buffer) => (session = latest))
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const found = await eventually('a session', () => session ?? earlySession(socket))
  socket.destroy()
  return found
}

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`a session is resumed by every worker, after a reload and after a change of the certificate: ${maxVersion}`, async (t) => {
    const { project, authority, config, start } = mutual(t, 'workers: 2')
    const server = await start()
    const resumedByAll = async (session: Buffer): Promise<void> => {
      const pids = new Set<string>()
      await eventually('a response of each worker', async () => {
        const { resumed, body } = await askSecurely(server.url, authority, { maxVersion, session })
        assert.ok(resumed, 'a full handshake')
        pids.add(body.split(' ')[0] ?? '')
        return pids.size === 2 || undefined
      })
    }
    const session = await sessionOf(server.url, authority, { maxVersion })
    await resumedByAll(session)
    server.signal('SIGHUP')
    await server.says(/reload done/)
    await resumedByAll(session)
    install(authority.issue(), project.path('tls.pem'), project.path('tls.key'))
    await server.says(/TLS: new certificates are served/)
    await resumedByAll(session)
    // A session from before must not save a client from showing its certificate.
    config(`workers: 2, cert_reqs: 'required'`)
    server.signal('SIGHUP')
    await server.says(/reload done: generation 3/)
    await assert.rejects(askSecurely(server.url, authority, { maxVersion, session }))
    await server.stop()
  })

test('openssl s_client resumes a session at another connection', async (t) => {
  const { project, authority, start } = mutual(t, 'workers: 2')
  const server = await start()
  const words = ['s_client', '-connect', new URL(server.url).host, '-CAfile', authority.certfile, '-quiet']
  const run = (more: readonly string[]): string =>
    execFileSync('openssl', [...words, ...more], {
      encoding: 'utf8',
      cwd: project.directory,
      input: 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      stdio: ['pipe', 'pipe', 'ignore'],
    })
  assert.match(run(['-sess_out', 'session.pem']), /200 OK/)
  assert.match(run(['-sess_in', 'session.pem', '-state']), /200 OK/)
  await server.stop()
})
