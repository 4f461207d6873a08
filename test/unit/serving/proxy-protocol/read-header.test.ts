// The header on real sockets: its limit of time, and what is given back.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { readHeader, type Outcome } from '../../../../src/serving/proxy-protocol/read-header.ts'

async function pair(t: TestContext): Promise<{ readonly client: Socket; readonly accepted: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepting = once(server, 'connection')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [accepted] = (await accepting) as [Socket]
  t.after(() => {
    client.destroy()
    accepted.destroy()
    server.close()
  })
  return { client, accepted }
}

const outcomeOf = (socket: Socket, within: number): Promise<Outcome> =>
  new Promise((resolve) => readHeader(socket, within, resolve))

test('a header that is not complete in time is given up, and its bytes are given back', async (t) => {
  const { client, accepted } = await pair(t)
  client.write('PROX')
  assert.deepEqual(await outcomeOf(accepted, 200), { kind: 'more' })
  client.write('Y')
  let text = ''
  accepted.on('data', (chunk: Buffer) => (text += chunk.toString()))
  while (text.length < 5) await once(accepted, 'data')
  assert.equal(text, 'PROXY')
})

test('what follows the header is given back, also in the same packet', async (t) => {
  const { client, accepted } = await pair(t)
  client.write('PROXY UNKNOWN\r\nGET /')
  assert.equal((await outcomeOf(accepted, 10_000)).kind, 'header')
  const [chunk] = (await once(accepted, 'data')) as [Buffer]
  assert.equal(chunk.toString(), 'GET /')
  assert.deepEqual([accepted.listenerCount('readable'), accepted.listenerCount('end')], [0, 1]) // Node's own
})

test('an end within the header is reported, an end or a reset without a byte only closes the socket', async (t) => {
  const { client, accepted } = await pair(t)
  client.end('PROX')
  assert.deepEqual(await outcomeOf(accepted, 10_000), { kind: 'ended' })
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const other = await pair(t)
    readHeader(other.accepted, 10_000, () => assert.fail('there was no header'))
    other.client[leave]()
    await new Promise((resolve) => other.accepted.once('close', resolve))
  }
})
