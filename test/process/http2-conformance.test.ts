// HTTP/2 frame by frame: the corpus on tsgun, in clear text and with TLS. Where it does not do as the RFC
// says, a bare server of node:http2 does not either, and the fault is in the list.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { corpus, type Case } from '../corpora/http2.ts'
import { FrameClient, types } from '../helpers/http2-frames.ts'
import { forAll } from '../helpers/raw-http.ts'
import { createProject, nodeBinary, repository, startServer } from '../helpers/tsgun.ts'

const listener = `async (req, res) => {
  if (req.url === '/deaf') return setTimeout(() => res.end('ok'), 200)
  try { for await (const _ of req); } catch { return }
  if (req.url === '/late') setTimeout(() => res.end('ok'), 200)
  else res.end('ok')
}`

/** A server of node:http2 with the settings of tsgun, on the same Node.js. */
async function startBare(t: TestContext): Promise<string> {
  const script = `const server = require('node:http2').createServer({ settings: {
    maxConcurrentStreams: 100, maxHeaderListSize: 65536, enableConnectProtocol: true, enablePush: false } }, ${listener})
  server.on('sessionError', () => {})
  server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port))`
  const child = spawn(nodeBinary, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return line.toString().trim()
}

/** Milliseconds for what has to happen once the frames are taken, and for what has not. */
const patience = { due: 3000, none: 100 }

/** Sends the frames of a case and resolves with what happens. */
async function observe(url: string, { steps, stream, isRaw, allowed }: Case): Promise<string> {
  const client = isRaw ? new FrameClient(url) : await FrameClient.open(url)
  try {
    let unsent: Buffer[] = []
    for (const step of steps)
      if (isRaw && Buffer.isBuffer(step)) client.send(step)
      else if (Buffer.isBuffer(step)) unsent.push(step)
      else {
        client.send(...unsent)
        unsent = []
        await client.until('the end of a stream', () => client.hasEnded(step.endOf))
      }
    // In one piece, so that the server has not responded in between.
    client.send(...unsent)
    if (!isRaw) await client.isTaken()
    const isOver = (): boolean =>
      (client.codeOf(types.goaway) ?? 'NO_ERROR') !== 'NO_ERROR' || (stream > 0 && client.hasEnded(stream))
    const isDue = stream > 0 || !allowed.includes('goes on')
    await client.until('an outcome', isOver, patience[isDue ? 'due' : 'none']).catch(() => undefined)
    return outcomeOf(client, stream)
  } finally {
    client.socket.destroy()
  }
}

function outcomeOf(client: FrameClient, stream: number): string {
  const goaway = client.codeOf(types.goaway)
  if (goaway !== undefined && goaway !== 'NO_ERROR') return `connection ${goaway}`
  if (client.isClosed && goaway === undefined) return 'connection closed'
  const reset = client.codeOf(types.reset, stream)
  if (reset !== undefined && reset !== 'NO_ERROR') return `stream ${stream} ${reset}`
  if (stream > 0 && client.hasEnded(stream)) return `stream ${stream} ${client.statusOf(stream)}`
  return goaway === undefined ? 'goes on' : `connection ${goaway}`
}

/**
 * node:http2 says INTERNAL_ERROR in place of most codes, and a client may lose the last frame of a connection
 * that is closed.
 */
const isAllowed = ({ allowed }: Case, seen: string): boolean =>
  allowed.includes(seen) ||
  (/^connection (?:INTERNAL_ERROR|closed)$/.test(seen) &&
    allowed.some((each) => each.startsWith('connection')))

for (const scheme of ['http', 'https'])
  test(`the corpus over ${scheme}`, async (t) => {
    const fixtures = `${repository}/test/fixtures/tls`
    const tls = `certfile: '${fixtures}/cert.pem', keyfile: '${fixtures}/key.pem',`
    // Node.js 20 does not close a connection with an open stream behind the GOAWAY of an error.
    const config = `export default { app: './app.js', bind: '${scheme}://127.0.0.1:0', workers: 1,
      http_protocols: ['h2', 'h1'], graceful_timeout: 2, ${scheme === 'https' ? tls : ''} }\n`
    const project = createProject(t, { 'app.js': `export default ${listener}\n`, 'server.config.js': config })
    const server = await startServer(project)
    const bare = await startBare(t)
    const [pid] = server.workerPids
    const faults: string[] = []
    await forAll(corpus, async (each) => {
      const [seen, ofBare] = await Promise.all([observe(server.url, each), observe(bare, each)])
      if (isAllowed(each, seen) || (each.fault !== undefined && !isAllowed(each, ofBare))) return
      faults.push(
        `${each.name} (RFC ${each.rfc}): ${seen}; node:http2: ${ofBare}; allowed: ${each.allowed.join(', ')}`,
      )
    })
    assert.deepEqual(faults, [])
    assert.equal(server.workerPids[0], pid, 'the worker lives')
    assert.doesNotMatch(server.stderr, / died|uncaught|FATAL/)
    await server.stop()
  })
