// Mutated requests, sent to a real server and to a bare server of Node beside it.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { corpus } from '../corpora/http1.ts'
import { ask } from './http.ts'
import { childrenOf, residentBytes } from './processes.ts'
import { bodyApp, forAll, randomOf } from './raw-http.ts'
import { createProject, startServer } from './tsgun.ts'

const nasty = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '0',
  '-1',
  '\xff',
  'Host: b\r\n',
  'Content-Length: ' + '3\r\n',
  'Transfer-Encoding: ' + 'chunked\r\n',
  'Connection: ' + 'close\r\n',
  '\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: ' + 'a\r\n\r\n',
  '0\r\n\r\n',
  'HTTP/1.0',
  'Expect: 100-continue\r\n',
  'Upgrade: x\r\nConnection: ' + 'upgrade\r\n',
]

/** Returns a request of the corpus with one to four changes. */
export function mutate(random: () => number): string {
  const pick = <Item>(items: readonly Item[]): Item =>
    items[Math.floor(random() * items.length)] ?? assert.fail('nothing to pick from')
  const small = corpus.filter(({ request }) => request.length < 2000)
  let text = pick(small).request
  const at = (): number => Math.floor(random() * (text.length + 1))
  const changes: readonly (() => string)[] = [
    () => cut(text, at(), pick(nasty)),
    () => cut(text, at(), String.fromCharCode(Math.floor(random() * 256)), 1),
    () => cut(text, at(), '', 1 + Math.floor(random() * 8)),
    () => text + pick(small).request,
    () => text.slice(0, at()),
    () => text.slice(0, at()) + pick(small).request.slice(at()),
    () => text.replace(/\r\n/g, (end) => (random() < 0.2 ? '\n' : end)),
  ]
  for (let left = 1 + Math.floor(random() * 4); left > 0; left -= 1) text = pick(changes)()
  return text
}

const cut = (text: string, at: number, put: string, length = 0): string =>
  text.slice(0, at) + put + text.slice(at + length)

/** Sends a text and closes this side. Resolves with what has come back when the other side closes too. */
function send(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let received = ''
    socket.setTimeout(30_000, () => {
      socket.destroy()
      reject(new Error(`no end of the connection within 30 s: ${JSON.stringify(text)}`))
    })
    socket.on('data', (chunk) => (received += chunk.toString('latin1')))
    socket.on('error', () => undefined) // `close` follows
    socket.on('close', () => resolve(received))
    socket.on('connect', () => socket.end(text, 'latin1'))
  })
}

/** A server of Node: `count` resolves with how many requests it sees in a text. */
async function listenBare(t: TestContext): Promise<{ readonly count: (text: string) => Promise<number> }> {
  let seen = 0
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    seen += 1
    request.on('error', () => undefined).resume()
    request.on('end', () => response.end())
  })
  server.on('upgrade', (_, socket) => (seen += 1) && socket.end())
  server.on('connect', (_, socket) => (seen += 1) && socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo // of a TCP server
  return {
    async count(text) {
      seen = 0
      await send(port, text)
      return seen
    },
  }
}

/** Every response is one, whatever was sent: a status line, and no byte outside of a response. */
const wellFormed = /^(?:HTTP\/1\.1 \d{3} [^\r\n]*\r\n(?:[!#$%&'*+.^`|~\w-]+: [^\r\n]*\r\n)*\r\n[^]*?)*$/

export async function fuzz(
  t: TestContext,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<void> {
  t.diagnostic(`TSGUN_SEED=${seed}`)
  const config =
    `export default { app: './app.js', bind: '127.0.0.1:0', workers: 1, accesslog: ` +
    `'access.log', ` +
    `loglevel: 'debug', errorlog: 'error.log' }\n`
  const server = await startServer(
    createProject(t, { 'app.js': bodyApp, 'server.config.js': config, 'error.log': '' }),
  )
  const port = Number(new URL(server.url).port)
  const random = randomOf(seed)
  const bare = await listenBare(t)
  const [worker = assert.fail('no worker')] = childrenOf(server.pid)
  const round = 500
  let before: number | undefined
  const several: { readonly text: string; readonly served: number }[] = []
  for (let sent = 0; sent < count; sent += round) {
    const texts = Array.from({ length: Math.min(round, count - sent) }, () => mutate(random))
    await forAll(texts, async (text) => {
      const received = await send(port, text)
      assert.match(received, wellFormed, JSON.stringify([text, received]))
      const served = received.match(/HTTP\/1\.1 200 OK/g)?.length ?? 0
      // Only where the app was called; bare Node is asked one by one.
      if (served > 1) several.push({ text, served })
    })
    for (const { text, served } of several.splice(0))
      assert.ok(served <= (await bare.count(text)), `more requests than Node sees: ${JSON.stringify(text)}`)
    assert.equal((await ask(server.url)).status, 200)
    if (sent >= 5 * round) before ??= residentBytes(worker)
  }
  assert.deepEqual(childrenOf(server.pid), [worker], 'the worker has lived through it')
  if (before !== undefined) assert.ok(residentBytes(worker) - before < 100 * 2 ** 20, 'memory stays bounded')
  await server.stop()
  assert.doesNotMatch(server.project.read('error.log'), /\[(?:ERROR|FATAL)\]/)
}
