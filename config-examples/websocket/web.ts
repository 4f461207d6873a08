// The main app, in each of its workers: takes messages, and publishes them on the bus.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import express from 'express'
import { bus, BusError, log } from 'tsgun'
import type { Message, NewMessage } from './messages.ts'

const { LIVE_PORT: port = '8001' } = process.env
const folder = join(import.meta.dirname, 'page')
const page = readFileSync(join(folder, 'index.html'), 'utf8').replace('{{port}}', port)

const app = express()

app.get('/', (_req, res) => {
  res.type('html').send(page)
})
app.use(express.static(folder, { index: false }))

app.post('/messages', express.text({ limit: '4kb' }), async (req, res) => {
  const text = typeof req.body === 'string' ? req.body.trim() : ''
  if (text === '') return void res.status(400).send('a text is missing\n')
  const message = await add({ id: randomUUID(), text })
  if (message === undefined) return void res.status(503).set('Retry-After', '2').send('try again\n')
  // At most once: a page that misses it sees that by the next number, and asks for it.
  bus.publish('messages', message)
  res.status(201).json(message)
})

/**
 * The store does not reply while its process is replaced, for about a second. The request may have been
 * handled all the same (BUS_LOST, BUS_TIMEOUT), so it is made again with the same id. Undefined after five
 * seconds.
 */
async function add(message: NewMessage): Promise<Message | undefined> {
  const giveUpAt = performance.now() + 5000
  for (;;) {
    try {
      return await bus.request<Message>('store.add', message, { timeout: 2000 })
    } catch (error) {
      if (!(error instanceof BusError)) throw error
      if (performance.now() > giveUpAt) {
        log.warn(error, 'the store does not reply')
        return undefined
      }
      await wait(100)
    }
  }
}

export default app
