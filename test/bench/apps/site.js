// A small Express app, as many are. site.ts is the same in TypeScript.

import express from 'express'

const Greeting = { Hello: 'hello' }

export const app = express()

app.get('/', (request, response) => {
  response.json({ greeting: Greeting.Hello, from: request.hostname })
})
