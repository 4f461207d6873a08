// The path of health_check in a server that is about to stop: refused, also when a library has replaced the
// listener of requests.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { refuseReadiness, unready } from '../../../../src/serving/requests/readiness.ts'
import { ask } from '../../../helpers/http.ts'

test(
  'only the path itself fails, whatever its query, also where a library has put the listener of ' +
    'requests into its own',
  async (t) => {
    const server = createServer((_, response) => response.end('app'))
    const [inner] = server.listeners('request')
    server.removeAllListeners('request')
    server.on('request', (request, response) => {
      response.setHeader('by', 'library')
      if (inner) Reflect.apply(inner, server, [request, response])
    })
    server.listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const look = async (path: string, method = 'GET'): Promise<readonly unknown[]> => {
      const { status, headers, body } = await ask(url, path, { method })
      return [status, headers['by'], body]
    }
    assert.deepEqual(await look('/ready'), [200, 'library', 'app'])
    unready(server, '/ready', (request, response) => void refuseReadiness(request, response))
    for (const path of ['/ready', '/ready?full=1'])
      assert.deepEqual(await look(path), [503, undefined, 'the server is stopping\n'])
    assert.deepEqual(await look('/ready', 'HEAD'), [503, undefined, ''])
    for (const path of ['/', '/ready/', '/readyness', '/?/ready'])
      assert.deepEqual(await look(path), [200, 'library', 'app'])
  },
)
