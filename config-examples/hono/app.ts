import { Hono } from 'hono'

const app = new Hono()

app.get('/', (c) => c.json({ hello: 'world', worker: process.env['TSGUN_WORKER_NR'] }))

app.get('/error', () => {
  throw new Error('this route always fails')
})

export default app
