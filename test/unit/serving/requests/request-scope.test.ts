// For which request code runs, however it was started.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, request as send, type IncomingMessage, type RequestListener } from 'node:http'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { RequestScope } from '../../../../src/serving/requests/request-scope.ts'

/** Two requests on one connection, whose bodies come in pieces; resolves with the responses. */
async function talk(t: TestContext, listener: RequestListener, method: string): Promise<readonly string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const server = createServer(listener).listen(0)
  t.after(() => {
    agent.destroy()
    server.close()
  })
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  const texts: string[] = []
  for (const path of ['/1', '/2']) {
    const outgoing = send({ agent, port: address.port, method, path })
    const responded = once(outgoing, 'response')
    if (method === 'POST') {
      outgoing.write('first')
      await delay(20)
    }
    outgoing.end(method === 'POST' ? 'x'.repeat(200_000) : undefined)
    const [response] = (await responded) as [IncomingMessage] // the event of Node
    texts.push(String((await response.setEncoding('utf8').toArray()).join('')))
  }
  return texts
}

const ways: Readonly<Record<string, RequestListener>> = {
  'at once': (_, response) => response.end(shown()),
  'after an await': (_, response) => void delay(1).then(() => response.end(shown())),
  'in the events of the body': (request, response) => {
    request.on('data', () => undefined)
    request.on('end', () => response.end(shown()))
  },
  'in the events of a stream of the body': (request, response) => {
    request.resume().once('close', () => response.end(shown()))
  },
}

const scope = new RequestScope()

function shown(): string {
  return scope.current()?.url ?? 'none'
}

for (const [way, listener] of Object.entries(ways))
  for (const method of ['GET', 'POST'])
    test(`${method}: code ${way} runs for its request`, async (t) => {
      const isOfBody = way.startsWith('in the events')
      if (isOfBody && method === 'GET') return t.skip('there is no body')
      assert.deepEqual(await talk(t, scope.wrap(listener), method), ['/1', '/2'])
      assert.equal(scope.current(), undefined)
    })
