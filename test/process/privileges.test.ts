// What a worker that runs as another user than the master can do to the master, if somebody else runs code in
// it: docs/run/security.md says it.

import assert from 'node:assert/strict'
import { chmodSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { noOtherUser, openToAll } from '../helpers/identity.ts'
import { isAlive } from '../helpers/processes.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

/** Tries each thing, and responds with the code of its error, or with `done`. */
const app = `import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { connect as connectTo, request } from 'node:http'
const master = process.ppid
const code = process.env.CODE_DIRECTORY
const tries = {
  'signal the master': () => process.kill(master, 'SIGTERM'),
  'be root again': () => process.setuid(0),
  'be in the group of root again': () => process.setgid(0),
  'read the environment of the master': () => readFileSync('/proc/' + master + '/environ'),
  'read the memory of the master': () => readFileSync('/proc/' + master + '/mem'),
  'see the files of the master': () => readdirSync('/proc/' + master + '/fd'),
  'connect to the control socket': () => new Promise((done, fail) => connect('control.sock').on('connect', done).on('error', fail)),
  'change a log': () => writeFileSync('access.log', ''),
  'append to a log': () => appendFileSync('error.log', 'forged'),
  'read the key': () => readFileSync('secret.key'),
  'change the pidfile': () => writeFileSync('server.pid', '1'),
  'remove the pidfile': () => rmSync('server.pid'),
  'remove its socket': () => rmSync('app.0.sock'),
  'change the config': () => appendFileSync('server.config.js', ''),
  'change the compiled code': () => {
    for (const name of readdirSync('tmp')) writeFileSync('tmp/' + name + '/x.js', '')
    throw Object.assign(new Error('none'), { code: 'none' })
  },
}
export default async (req, res) => {
  const results = {}
  for (const [what, act] of Object.entries(tries))
    try { await act(); results[what] = 'done' } catch (error) { results[what] = error.code }
  const status = readFileSync('/proc/self/status', 'utf8')
  results.capabilities = status.match(/^Cap(?:Prm|Eff|Amb):\\s*\\S+$/gm).map((line) => parseInt(line.split(/\\s+/)[1], 16))
  res.end(JSON.stringify(results))
}
`

const denied: Readonly<Record<string, string>> = {
  'signal the master': 'EPERM',
  'be root again': 'EPERM',
  'be in the group of root again': 'EPERM',
  'read the environment of the master': 'EACCES',
  'read the memory of the master': 'EACCES',
  'see the files of the master': 'EACCES',
  'connect to the control socket': 'EACCES',
  'change a log': 'EACCES',
  'append to a log': 'EACCES',
  'read the key': 'EACCES',
  'change the pidfile': 'EACCES',
  'remove the pidfile': 'EACCES',
  'remove its socket': 'EACCES',
  'change the config': 'EACCES',
  'change the compiled code': 'EACCES',
}

test(
  'a worker that runs as another user has no rights of the master, and cannot change what it made',
  { skip: noOtherUser },
  async (t) => {
    const project = openToAll(
      createProject(t, {
        'app.ts': app,
        'secret.key': 'secret',
        'server.config.js': `export default { app: './app.ts', bind: ['127.0.0.1:0', 'unix:app.{nr}.sock'], user: 'nobody',
          accesslog: 'access.log', errorlog: 'error.log', pidfile: 'server.pid', control_socket: 'control.sock' }\n`,
      }),
    )
    chmodSync(project.path('secret.key'), 0o600)
    const server = await startServer(project)
    const { capabilities, ...results } = JSON.parse((await ask(server.url)).body) as Record<string, unknown>
    assert.deepEqual(results, denied)
    assert.deepEqual(capabilities, [0, 0, 0], 'permitted, effective and ambient')
    await server.stop()
  },
)

const sends = `import { connect, createServer } from 'node:net'
import { once } from 'node:events'
const listening = createServer().listen(0, '127.0.0.1')
await once(listening, 'listening')
export default async (req, res) => {
  for (let count = 0; count < 50; count += 1) {
    const socket = connect(listening.address().port, '127.0.0.1')
    await once(socket, 'connect')
    process.send({ tsgun: { type: 'socket' } }, socket)
    process.send('listening', listening)
  }
  process.send(null)
  process.send({ tsgun: { type: 'beat', requests: 'many' } }, () => res.end('sent'))
}\n`

test('sockets and messages that a worker sends to the master are dropped there', async (t) => {
  const server = await startServer(createProject(t, { 'app.js': sends }), {
    arguments: ['-b', '127.0.0.1:0', './app.js'],
  })
  const descriptors = (): number => readdirSync(`/proc/${server.pid}/fd`).length
  const before = descriptors()
  assert.equal((await ask(server.url)).body, 'sent')
  await server.until('the end of the descriptors', () => descriptors() <= before)
  assert.ok(isAlive(server.pid))
  await server.stop()
})
