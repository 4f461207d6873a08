// For the comparison of the worker classes: a small response, and one that blocks its event loop.

import express from 'express'

const app = express()

app.get('/', (_req, res) => res.json({ hello: 'world' }))

app.get('/long', (_req, res) => {
  const end = performance.now() + 300
  while (performance.now() < end);
  res.send('done')
})

export default app
