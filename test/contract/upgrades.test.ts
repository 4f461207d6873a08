// Protocol upgrades (WebSockets and the like) by each of the three ways in which an app can handle them,
// through the real server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProject, startServer } from '../helpers/tsgun.ts'
import { connectRaw } from './client.ts'

const accept =
  `socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: ` +
  `echo\\r\\n\\r\\n'); socket.pipe(socket)`

const ways: readonly (readonly [what: string, files: Readonly<Record<string, string>>])[] = [
  [
    'an exported upgrade(req, socket, head)',
    {
      'app.js':
        `export default (req, res) => res.end('http')\nexport const upgrade = (req, socket, head) => { ` +
        `${accept} }\n`,
    },
  ],
  [
    'a listener of the http.Server that is the app',
    {
      'app.js':
        `import { createServer } from 'node:http'\nexport default createServer((req, res) => ` +
        `res.end('http')).on('upgrade', (req, socket) => { ${accept} })\n`,
    },
  ],
  [
    'a listener that post_worker_init adds to worker.server',
    {
      'app.js': `export default (req, res) => res.end('http')\n`,
      'server.config.js':
        `export default { post_worker_init: (worker) => void worker.server.on('upgrade', ` +
        '(req, ' +
        'socket) ' +
        `=> { ${accept} }) }\n`,
    },
  ],
]

for (const [what, files] of ways) {
  test(`an upgrade reaches ${what}, and requests are served beside it`, async (t) => {
    const server = await startServer(createProject(t, files), {
      arguments: ['-b', '127.0.0.1:0', './app.js'],
    })
    const upgraded = connectRaw(server.url)
    upgraded.socket.write('GET / HTTP/1.1\r\nHost: unit\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    await upgraded.until(/^HTTP\/1\.1 101 /)
    upgraded.socket.write('ping')
    await upgraded.until(/ping$/)
    const plain = connectRaw(server.url)
    plain.socket.write('GET / HTTP/1.1\r\nHost: unit\r\nConnection: close\r\n\r\n')
    await plain.closed()
    assert.match(plain.text(), /^HTTP\/1\.1 200 /)
    upgraded.socket.end()
    await upgraded.closed()
    await server.stop()
  })
}

test('if an upgrade handler throws, the error is logged, its socket is closed, and the worker lives', async (t) => {
  const files = {
    'app.js':
      `export default (req, res) => res.end('http')\nexport const upgrade = async () => { throw ` +
      'new ' +
      `Error('no such channel') }\n`,
  }
  const server = await startServer(createProject(t, files), {
    arguments: ['-b', '127.0.0.1:0', './app.js'],
  })
  const [pid] = server.workerPids
  const refused = connectRaw(server.url)
  refused.socket.write('GET /chat HTTP/1.1\r\nHost: unit\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  await refused.closed()
  await server.says(
    /GET \/chat failed: no such channel request_id=\S+\n {4}Error: no such channel\n.*app\.js:2:/,
  )
  assert.deepEqual(server.workerPids, [pid])
  await server.stop()
})
