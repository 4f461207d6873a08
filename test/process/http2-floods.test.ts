// Clients that flood a connection of HTTP/2 with frames: it ends at the numbers of docs/run/http2.md, or the
// frames are harmless. The worker lives, and others are served meanwhile.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  continuation,
  data,
  encode,
  flags,
  frame,
  FrameClient,
  headers,
  ping,
  request,
  requestFields,
  reset,
  settingIds,
  settings,
  types,
  windowUpdate,
} from '../helpers/http2-frames.ts'
import { ask } from '../helpers/http.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

/** Ten megabytes at `/large`, as fast as the client reads. */
const app = `import { Readable } from 'node:stream'
const chunk = Buffer.alloc(16_384)
export default (req, res) => {
  req.on('error', () => undefined)
  if (req.url === '/large') return Readable.from(Array.from({ length: 640 }, () => chunk)).pipe(res)
  req.resume().on('end', () => res.end('ok'))
}\n`

const config = `export default { app: './app.js', bind: '127.0.0.1:0', workers: 1, http_protocols: ['h2', 'h1'],
  keepalive: 60, graceful_timeout: 2 }\n`

interface Flood {
  readonly what: string
  /** All that is sent, with so many of the frames in question. */
  readonly make: (count: number) => readonly Buffer[]
  /** So many are served; more end the connection. */
  readonly most: number
  /** Frames at a time; the client then waits for the server. Default: all. */
  readonly batch?: number
}

const upload = request(1, { ':method': 'POST' }, flags.endHeaders)
const times = (count: number, make: (index: number) => Buffer): Buffer[] =>
  Array.from({ length: count }, (_, index) => make(index))
const onOwnStream =
  (...make: readonly ((stream: number) => Buffer)[]) =>
  (count: number): Buffer[] =>
    times(count, (index) => Buffer.concat(make.map((each) => each(2 * index + 1))))

const floods: readonly Flood[] = [
  { what: 'requests that are reset', make: onOwnStream(request, reset), most: 1000, batch: 50 },
  {
    what: 'requests that are not valid',
    make: onOwnStream((stream) => request(stream, { ':path': undefined })),
    most: 1000,
    batch: 50,
  },
  { what: 'PING whose responses are not taken', make: (count) => times(count, () => ping()), most: 1000 },
  {
    what: 'SETTINGS whose responses are not taken',
    make: (count) => times(count, () => settings()),
    most: 1000,
  },
  {
    what: 'entries in SETTINGS',
    make: (count) => [settings(...Array.from({ length: count }, () => [settingIds.window, 65_535] as const))],
    most: 32,
  },
  {
    what: 'CONTINUATION',
    make: (count) => [
      headers(1, encode(requestFields()), flags.endStream),
      ...times(count - 1, () => continuation(1, '', 0)),
      continuation(1, ''),
    ],
    most: 8,
  },
  { what: 'empty DATA', make: (count) => [upload, ...times(count, () => data(1, '', 0))], most: 1000 },
  {
    what: 'streams at a time',
    make: onOwnStream((stream) => request(stream, { ':method': 'POST' }, flags.endHeaders)),
    most: 100,
  },
]

/** The code of Node.js and nghttp2 that counts is a few frames off. */
const tolerance = 0.1

async function survives(server: RunningServer, { make, batch }: Flood, count: number): Promise<boolean> {
  const client = await FrameClient.open(server.url)
  const frames = make(count)
  const step = batch ?? frames.length
  for (let from = 0; from < frames.length && !client.isClosed; from += step) {
    client.send(...frames.slice(from, from + step))
    await client.isTaken()
  }
  const isAlive = !client.isClosed && client.of(types.goaway).length === 0
  client.socket.destroy()
  return isAlive
}

test('floods end the connection at the documented numbers', async (t) => {
  const server = await startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
  const [pid] = server.workerPids
  for (const flood of floods) {
    const { what, most } = flood
    const few = most > 100 ? most * (1 - tolerance) : most
    const many = most > 100 ? most * (1 + tolerance) : most + 1
    assert.ok(await survives(server, flood, few), `${few} ${what}`)
    assert.ok(!(await survives(server, flood, many)), `${many} ${what}`)
    assert.equal((await ask(server.url, '/')).status, 200)
  }
  assert.equal(server.workerPids[0], pid, server.report())
  await server.stop()
})

test('a head above the limit costs its stream, not the connection', async (t) => {
  const server = await startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
  const client = await FrameClient.open(server.url)
  const field = encode([['x', 'a'.repeat(16_000)]])
  for (let stream = 1; stream < 20; stream += 2) {
    client.send(headers(stream, encode(requestFields()), flags.endStream))
    client.send(...times(4, () => continuation(stream, field, 0)), continuation(stream, field))
    await client.until('the end', () => client.hasEnded(stream))
    assert.equal(client.codeOf(types.reset, stream), 'ENHANCE_YOUR_CALM')
  }
  client.send(request(21))
  await client.until('the response', () => client.hasEnded(21))
  assert.equal(client.statusOf(21), 200)
  client.socket.destroy()
  await server.stop()
})

/** Frames that no limit ends on some version of Node.js: they must cost next to nothing. */
const harmless: Readonly<Record<string, (index: number) => Buffer>> = {
  PRIORITY: (index) => frame(types.priority, 0, 2 * index + 3, [0, 0, 0, 0, 1]),
  WINDOW_UPDATE: () => windowUpdate(1, 1),
  'unknown frames': () => frame(0xbb, 0, 0),
  'DATA of padding': () => data(1, [1, 0], flags.padded),
  'the reset of a stream that has ended': () => reset(1),
}

const memoryOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

/** Megabytes, and frames. */
const [room, flood] = [60, 300_000]

test('frames without a limit cost neither memory nor the requests of others', async (t) => {
  const server = await startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
  const [pid = 0] = server.workerPids
  await ask(server.url, '/')
  for (const [what, make] of Object.entries(harmless)) {
    const before = memoryOf(pid)
    const client = await FrameClient.open(server.url)
    client.send(upload)
    if (what.includes('has ended')) client.send(data(1, ''))
    let isOver = false
    const others = (async () => {
      let served = 0
      for (; !isOver; served += 1) assert.equal((await ask(server.url, '/')).status, 200)
      return served
    })()
    for (let sent = 0; sent < flood && !client.isClosed; sent += 1000)
      await client.sendAll(Buffer.concat(times(1000, (index) => make(sent + index))))
    await client.isTaken()
    isOver = true
    assert.ok((await others) > 0, what)
    const grown = memoryOf(pid) - before
    t.diagnostic(`${what}: ${grown.toFixed(1)} MB, ${client.isClosed ? 'ended' : 'goes on'}`)
    assert.ok(grown < room, `${what}: ${grown} MB`)
    client.socket.destroy()
  }
  assert.equal(server.workerPids[0], pid, server.report())
  await server.stop()
})

test('a client that asks for much and takes nothing costs little', async (t) => {
  const server = await startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
  const [pid = 0] = server.workerPids
  assert.equal((await ask(server.url, '/large')).body.length, 10_485_760)
  const before = memoryOf(pid)
  const clients = await Promise.all(Array.from({ length: 5 }, () => FrameClient.open(server.url)))
  for (const client of clients) {
    client.socket.pause()
    const requests = onOwnStream((stream) =>
      Buffer.concat([request(stream, { ':path': '/large' }), windowUpdate(stream, 2 ** 30)]),
    )
    client.send(windowUpdate(0, 2 ** 30), ...requests(100))
  }
  for (let round = 0; round < 50; round += 1) assert.equal((await ask(server.url, '/')).status, 200)
  const grown = memoryOf(pid) - before
  t.diagnostic(`${grown.toFixed(1)} MB for 5 GB`)
  for (const client of clients) client.socket.destroy()
  assert.ok(grown < 250, `${grown} MB`)
  assert.equal(server.workerPids[0], pid, server.report())
  await server.stop()
})
