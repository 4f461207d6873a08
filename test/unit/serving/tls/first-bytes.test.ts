import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test, type TestContext } from 'node:test'
import { awaitBeginning, beginningOf, type Beginning } from '../../../../src/serving/tls/first-bytes.ts'

test('the first byte decides: a handshake, the letter of a method, or something else', () => {
  const kindOf = (text: string): string | undefined => beginningOf(Buffer.from(text, 'latin1'), false)?.kind
  assert.deepEqual(['GET / HTTP/1.1', 'p', '\r\n', '\nx'].map(kindOf), ['plain', 'plain', 'plain', 'plain'])
  assert.deepEqual(['\x16', '\x16\x03\x01', '\x80\x2e', '\0', '1', '\xff'].map(kindOf), Array(6).fill('tls'))
})

test('with a name to find it waits for the whole message, but not for ever', () => {
  assert.equal(beginningOf(Buffer.from([0x16, 3, 1, 0x40, 0, 1]), true), undefined)
  assert.deepEqual(
    beginningOf(Buffer.concat([Buffer.from([0x16, 3, 1, 0xff, 0xff, 1]), Buffer.alloc(20_000)]), true),
    { kind: 'tls', hello: { name: undefined, protocols: [] } },
  )
})

interface Pair {
  readonly client: net.Socket
  readonly beginning: Promise<Beginning>
  readonly socket: net.Socket
}

async function connect(t: TestContext, patience: number, wantsHello = false): Promise<Pair> {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const client = net.connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [net.Socket]
  t.after(() => {
    client.destroy()
    socket.destroy()
    server.close()
  })
  const beginning = new Promise<Beginning>((resolve) =>
    awaitBeginning(socket, { patience, wantsHello }, resolve),
  )
  return { client, socket, beginning }
}

test('all bytes of a handshake are still there afterwards', async (t) => {
  const { client, socket, beginning } = await connect(t, 5000)
  client.write('\x16 one')
  assert.deepEqual(await beginning, { kind: 'tls', hello: undefined })
  client.write(' two')
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  while (text.length < 9) await once(socket, 'data')
  assert.equal(text, '\x16 one two')
})

test('a client that sends nothing is silent: at once when it leaves, else after the time', async (t) => {
  const patient = await connect(t, 50)
  assert.deepEqual(await patient.beginning, { kind: 'silent' })
  const leaving = await connect(t, 60_000)
  leaving.client.end()
  assert.deepEqual(await leaving.beginning, { kind: 'silent' })
  const resetting = await connect(t, 60_000)
  resetting.client.resetAndDestroy()
  assert.deepEqual(await resetting.beginning, { kind: 'silent' })
  const destroyed = await connect(t, 60_000)
  destroyed.socket.destroy()
  assert.deepEqual(await destroyed.beginning, { kind: 'silent' })
  assert.equal(destroyed.socket.listenerCount('error'), 0)
})

test('a client that leaves in the middle of its handshake, or after it, does no harm', async (t) => {
  const half = await connect(t, 60_000, true)
  half.client.end(Buffer.from([0x16, 3, 1, 1, 0, 1]))
  assert.deepEqual(await half.beginning, { kind: 'silent' })
  const whole = await connect(t, 60_000)
  whole.client.end('\x16')
  assert.deepEqual(await whole.beginning, { kind: 'tls', hello: undefined })
  const plain = await connect(t, 60_000)
  plain.client.end('GET')
  assert.deepEqual(await plain.beginning, { kind: 'plain' })
})

test('a client that sends its handshake byte by byte has no more time than any other', async (t) => {
  const { client, socket, beginning } = await connect(t, 300, true)
  client.write(Buffer.from([0x16, 3, 1, 1, 0, 1]))
  const dribble = setInterval(() => client.write(Buffer.from([0xff])), 20)
  t.after(() => clearInterval(dribble))
  assert.deepEqual(await beginning, { kind: 'silent' })
  assert.ok(socket.bytesRead > 6)
})
