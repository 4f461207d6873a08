// Damaged frames of HTTP/2: the connections of the corpus with bytes that are changed, left out or doubled,
// and ended at any moment. The worker lives and serves others.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { corpus } from '../corpora/http2.ts'
import { preface, settings } from '../helpers/http2-frames.ts'
import { ask, connectTo } from '../helpers/http.ts'
import { forAll, randomOf } from '../helpers/raw-http.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

const app = `export default async (req, res) => {
  if (req.url === '/late') await new Promise((resolve) => setTimeout(resolve, 20))
  try { for await (const chunk of req) res.write(chunk) } catch { return }
  res.end('x'.repeat(70_000))
}\n`

const config = `export default { app: './app.js', bind: '127.0.0.1:0', workers: 1, http_protocols: ['h2', 'h1'],
  accesslog: 'access.log', body_timeout: 1, graceful_timeout: 2 }\n`

type Random = () => number

const below = (random: Random, most: number): number => Math.floor(random() * most)

/** Changes, leaves out or doubles a few bytes, not those of the preface. */
function damage(bytes: Buffer, random: Random): Buffer {
  let damaged = Buffer.from(bytes)
  for (let count = 1 + below(random, 4); count > 0; count -= 1) {
    const at = preface.length + below(random, Math.max(1, damaged.length - preface.length))
    const [before, behind] = [damaged.subarray(0, at), damaged.subarray(at)]
    const way = below(random, 4)
    if (way === 0) damaged = Buffer.concat([before, behind.subarray(1 + below(random, 8))])
    else if (way === 1) damaged = Buffer.concat([before, behind.subarray(0, below(random, 60)), behind])
    else if (way === 2 && behind.length > 0) behind[0] = below(random, 256)
    else if (behind.length > 0) behind[0] = (behind[0] ?? 0) ^ (1 << below(random, 8))
  }
  return damaged
}

async function send(url: string, bytes: Buffer, random: Random): Promise<void> {
  const socket = connectTo(url)
  socket.on('error', () => undefined)
  socket.resume()
  const cut = below(random, bytes.length)
  socket.write(bytes.subarray(0, cut))
  await turn()
  socket.write(bytes.subarray(cut))
  for (let turns = below(random, 10); turns > 0; turns -= 1) await turn()
  if (random() < 0.5) socket.resetAndDestroy()
  else socket.end()
  if (!socket.closed)
    await Promise.race([
      new Promise((resolve) => socket.once('close', resolve)),
      ask(url, '/').then(({ status }) => assert.equal(status, 200)),
    ])
  socket.destroy()
}

const rounds = Number(process.env['TSGUN_FUZZ'] ?? 10)

test('damaged frames harm no one', async (t) => {
  const server = await startServer(
    createProject(t, { 'app.js': app, 'server.config.js': config, 'access.log': '' }),
  )
  const [pid] = server.workerPids
  const seed = Number(process.env['TSGUN_SEED'] ?? Date.now() % 1_000_000)
  t.diagnostic(`TSGUN_SEED=${seed}`)
  const random = randomOf(seed)
  for (let round = 0; round < rounds; round += 1)
    await forAll(corpus, async ({ steps, isRaw }) => {
      const own = steps.filter((step): step is Buffer => Buffer.isBuffer(step))
      const bytes = damage(Buffer.concat([...(isRaw ? [] : [preface, settings()]), ...own]), random)
      await send(server.url, bytes, random)
      assert.equal(
        server.workerPids[0],
        pid,
        `seed ${seed}, ${bytes.toString('hex').slice(0, 2000)}\n${server.report()}`,
      )
    })
  assert.equal((await ask(server.url, '/')).status, 200)
  await server.stop()
  assert.doesNotMatch(server.stderr, /\[(?:ERROR|FATAL)\]/)
})
