import express from 'express'
import { task } from 'tsgun'

const ocr = task<typeof import('./ocr.task.ts')>('ocr')
const app = express()
app.use(express.raw({ type: 'image/*', limit: '10mb' }))

// A full queue becomes a 503 with Retry-After by itself, a client that leaves cancels its task.
app.post('/ocr', async (req, res) => {
  res.type('text').send(await ocr.run(req.body as Uint8Array))
})

// The same as server-sent events: the progress from 0 to 1, and the text at the end.
app.post('/ocr/progress', async (req, res) => {
  res.type('text/event-stream')
  const onProgress = (share: number): void => void res.write(`event: progress\ndata: ${share}\n\n`)
  const text = await ocr.run(req.body as Uint8Array, { onProgress })
  res.end(`event: text\ndata: ${JSON.stringify(text)}\n\n`)
})

app.get('/health', (_req, res) => {
  res.send('ok\n')
})

export default app
