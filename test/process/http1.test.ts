// HTTP/1 as a real server sees it: the cases of the public probe for each kind of app, and the corpus of our
// own, sent whole, byte by byte and cut at random places, to each worker class.

import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { corpus, type Case } from '../corpora/http1.ts'
import { isAllowed, readProbe, type Observed } from '../corpora/probe.ts'
import { workerClasses } from '../../src/serving/classes/table.ts'
import { bodyApp, forAll, randomOf } from '../helpers/raw-http.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

const config = (more = ''): string =>
  `export default { app: './app.js', bind: '127.0.0.1:0', workers: 1, accesslog: 'access.log', ${more} }\n`

const portOf = ({ url }: RunningServer): number => Number(new URL(url).port)

/** How a request reaches the server. */
const ways: Readonly<Record<string, (socket: Socket, bytes: Buffer, random: () => number) => Promise<void>>> =
  {
    whole: async (socket, bytes) => void socket.write(bytes),
    'byte by byte': async (socket, bytes) => {
      for (const byte of bytes) await send(socket, Buffer.of(byte))
    },
    'in pieces': async (socket, bytes, random) => {
      const cuts = Array.from({ length: 3 }, () => Math.floor(random() * bytes.length)).sort((a, b) => a - b)
      for (const [index, end] of [...cuts, bytes.length].entries())
        await send(socket, bytes.subarray(index === 0 ? 0 : cuts[index - 1], end))
    },
  }

async function send(socket: Socket, bytes: Buffer): Promise<void> {
  if (socket.writable) socket.write(bytes)
  await turn()
}

interface Exchange {
  readonly text: string
  /** The code of the error that has ended the connection. */
  readonly error: string | undefined
}

/** Sends a request and resolves with all that comes back until the connection is closed. */
function exchangeOnce(
  port: number,
  { request, statuses }: Case,
  send: (socket: Socket, bytes: Buffer) => Promise<void>,
): Promise<Exchange> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let text = ''
    let error: string | undefined
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => (error = code)) // the server may close it meanwhile
    socket.on('close', () => resolve({ text, error }))
    socket.on('connect', () => {
      void send(socket, Buffer.from(request, 'latin1')).then(() => {
        // It is the server that closes after a refusal.
        if ((statuses.at(-1) ?? 0) < 400) socket.end()
      })
    })
  })
}

/**
 * The same. A client that still sends when the server has closed the connection loses what it has received
 * and not read (RFC 9112, 9.6): Node destroys its socket when a write fails. Then it is repeated, at most
 * `more` times.
 */
async function exchange(
  port: number,
  each: Case,
  send: (socket: Socket, bytes: Buffer) => Promise<void>,
  more = 5,
): Promise<Exchange> {
  const seen = await exchangeOnce(port, each, send)
  return seen.text === '' && seen.error === 'EPIPE' && more > 0 ? exchange(port, each, send, more - 1) : seen
}

/** Returns the statuses of the responses in a text, and the bodies of those with 200. */
function parse(text: string, isHead: boolean): Pick<Case, 'statuses' | 'bodies'> {
  const statuses: number[] = []
  const bodies: string[] = []
  for (let rest = text; rest !== '';) {
    const [head = '', status = ''] = /^HTTP\/1\.1 (\d{3}) [^]*?\r\n\r\n/.exec(rest) ?? assert.fail(rest)
    const length = isHead ? 0 : Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1] ?? 0)
    statuses.push(Number(status))
    if (status === '200') bodies.push(rest.slice(head.length, head.length + length))
    rest = rest.slice(head.length + length)
  }
  return { statuses, bodies }
}

for (const workerClass of Object.keys(workerClasses))
  test(`the corpus, sent in each way to a worker of class ${workerClass}`, async (t) => {
    const server = await startServer(
      createProject(t, { 'app.js': bodyApp, 'server.config.js': config(`worker_class: '${workerClass}'`) }),
    )
    const seed = Number(process.env['TSGUN_SEED'] ?? Date.now() % 1_000_000)
    t.diagnostic(`TSGUN_SEED=${seed}`)
    const random = randomOf(seed)
    for (const way of Object.keys(ways))
      await forAll(corpus, async (each) => {
        if (way === 'byte by byte' && each.request.length > 1000) return
        const sendIt = async (socket: Socket, bytes: Buffer): Promise<void> =>
          ways[way]?.(socket, bytes, random)
        const { text, error } = await exchange(portOf(server), each, sendIt)
        const seen = parse(text, each.request.startsWith('HEAD'))
        const name = `${each.name}, ${way} (RFC ${each.rfc}), seed ${seed}: ${JSON.stringify(text)} ${error}`
        // Each response ends its connection, and a body that has arrived already needs no 100.
        const kept = <Value>(values: readonly Value[]): readonly Value[] =>
          workerClass === 'sync' ? values.filter((value) => value !== 100).slice(0, 1) : values
        assert.deepEqual(kept(seen.statuses), kept(each.statuses), name)
        if (each.bodies) assert.deepEqual(seen.bodies, kept(each.bodies), name)
      })
    await server.stop()
    assert.doesNotMatch(server.stderr, /\[(?:WARN|ERROR|FATAL)\]/)
  })

const kinds: Readonly<Record<string, string>> = {
  'a request listener': bodyApp,
  Express: `import express from 'express'
const app = express()
app.use(express.text({ type: () => true }), (req, res) => { res.send('ok') })
export default app\n`,
  Fastify: `import fastify from 'fastify'
const app = fastify({ bodyLimit: 2 ** 40 })
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body))
app.all('*', async () => 'ok')
export default app\n`,
  Koa: `import Koa from 'koa'
const app = new Koa()
app.use(async (context) => { for await (const chunk of context.req) void chunk; context.body = 'ok' })
export default app\n`,
  Hono: `import { Hono } from 'hono'
const app = new Hono()
app.all('*', async (context) => { await context.req.text(); return context.text('ok') })
export default app\n`,
  'a fetch handler':
    `export default { async fetch(request) { await request.text(); return new Response('ok') } ` + '}\n',
  'a program that listens': `import { createServer } from 'node:http'
createServer((req, res) => { req.resume(); req.on('end', () => res.end('ok')) }).listen(3000)\n`,
}

function observe(port: number, request: string): Promise<Observed> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let text = ''
    const done = (isClosed: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      const statuses = [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((match) => Number(match[1]))
      resolve({ status: statuses.find((status) => status >= 200) ?? 0, isClosed, text })
    }
    let timer = setTimeout(done, 2500, false) // as the probe does: some cases wait for the rest of a request
    socket.on('connect', () => socket.write(Buffer.from(request, 'latin1')))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      clearTimeout(timer)
      timer = setTimeout(done, 400, false)
    })
    socket.on('end', () => done(true))
    socket.on('error', () => done(true))
  })
}

for (const [kind, source] of Object.entries(kinds))
  test(`the public probe finds no fault with ${kind}`, async (t) => {
    const server = await startServer(
      createProject(t, { 'app.js': source, 'server.config.js': config() }, [
        'express',
        'fastify',
        'koa',
        'hono',
      ]),
    )
    const port = portOf(server)
    const failures: string[] = []
    await forAll(readProbe(), async (each) => {
      const observed = await observe(port, each.request.replaceAll('localhost:8080', `localhost:${port}`))
      if (!isAllowed(each, observed))
        failures.push(`${each.id}: want ${each.expected}, got ` + `${JSON.stringify(observed)}`)
    })
    assert.deepEqual(failures, [])
    await server.stop()
  })
