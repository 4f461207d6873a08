import express from 'express'

interface Order {
  readonly id: string
  readonly items: readonly string[]
}

const orders: readonly Order[] = [
  { id: '1', items: ['tea', 'honey'] },
  { id: '2', items: ['coffee'] },
]

const app = express()

app.get('/', (_req, res) => {
  res.type('text').send(`Hello from worker ${process.env['TSGUN_WORKER_NR']}, process ${process.pid}\n`)
})

app.get('/orders/:id', (req, res) => {
  const order = orders.find(({ id }) => id === req.params.id)
  if (order === undefined) res.status(404).json({ error: 'no such order' })
  else res.json(order)
})

// The client gets a 500 without details, the error log the stack with this line. The worker keeps running.
app.get('/error', async () => {
  await Promise.resolve()
  throw new Error('this route always fails')
})

export default app
