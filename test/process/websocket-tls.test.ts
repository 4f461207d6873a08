// WebSockets over TLS (wss): the same as without it, on TCP and on the sockets of slots.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type TLSSocket } from 'node:tls'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { Authority, install } from '../helpers/certificates.ts'
import { askSecurely } from '../helpers/https.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = `import { WebSocketServer } from 'ws'
const sockets = new WebSocketServer({ noServer: true })
export default (req, res) => res.end(process.env.TSGUN_WORKER_NR)
export function upgrade(req, socket, head) {
  if (req.url === '/ignored') return console.log('ignored')
  if (req.url === '/throws') throw new Error('no such channel')
  sockets.handleUpgrade(req, socket, head, (client) => client.on('message', (data) => client.send(String(data))))
}
`

test('WebSockets over TLS have replies, 1012 at a reload and a stop, access lines, and clear refusals', async (t) => {
  const project = createProject(
    t,
    {
      'app.js': app,
      'server.config.js': `export default { app: './app.js', certfile: 'tls.pem', keyfile: 'tls.key', workers: 2,
        bind: ['127.0.0.1:0', 'https+unix:app.{nr}.sock'], accesslog: 'access.log', access_log_format: '%(U)s %(s)s %(B)s' }\n`,
    },
    ['ws'],
  )
  const authority = new Authority(project.directory)
  install(authority.issue(), project.path('tls.pem'), project.path('tls.key'))
  const ca = readFileSync(authority.certfile)
  const server = await startServer(project)
  const { port } = new URL(server.url)

  for (const nr of [0, 1]) {
    const url = `https+unix:${project.path(`app.${nr}.sock`)}`
    assert.equal((await askSecurely(url, authority)).body, String(nr))
  }
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(server.url.replace('https', 'wss'), { ca })
    t.after(() => socket.terminate())
    await once(socket, 'open')
    socket.send('hello')
    const [data] = (await once(socket, 'message')) as [Buffer]
    assert.equal(data.toString(), 'hello')
    return socket
  }
  const reloaded = once(await open(), 'close')
  server.signal('SIGHUP')
  assert.equal((await reloaded)[0], 1012)
  await server.says(/reload done/)

  const upgrade = async (path: string): Promise<TLSSocket> => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca })
    t.after(() => socket.destroy())
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    )
    await once(socket, 'secureConnect')
    return socket
  }
  const leaving = await upgrade('/ignored')
  await server.says(/ignored/)
  leaving.destroy()
  for (const [path, status] of [
    ['/throws', 500],
    ['/ignored', 404],
  ] as const) {
    const socket = await upgrade(path)
    const [head] = (await once(socket, 'data')) as [Buffer]
    assert.match(head.toString(), new RegExp(`^HTTP/1\\.1 ${status} `))
    await once(socket.resume(), 'close')
  }

  const stopped = once(await open(), 'close')
  await server.stop()
  assert.equal((await stopped)[0], 1012)
  assert.doesNotMatch(server.stderr, /cut off|died|uncaught/)
  const lines = await eventually('the access lines', () => {
    const all = project.read('access.log').trim().split('\n')
    return all.length === 7 ? all : undefined
  })
  const upgraded = lines.filter((line) => line.includes(' 101 '))
  assert.equal(upgraded.length, 2)
  for (const line of upgraded) assert.ok(Number(line.split(' ')[2]) > 100, line)
  assert.ok(
    lines.some((line) => line.startsWith('/throws 500 ')) &&
      lines.some((line) => line.startsWith('/ignored 404 ')),
  )
})
