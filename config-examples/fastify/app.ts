import fastify from 'fastify'

const app = fastify()

app.get('/', () => ({ hello: 'world', worker: process.env['TSGUN_WORKER_NR'] }))

app.get('/error', async () => {
  await Promise.resolve()
  throw new Error('this route always fails')
})

// Runs when the worker stops, after its last response.
app.addHook('onClose', () => {
  console.log('the database pool would be closed here')
})

export default app
