// A small Express app, as many are. site.js is the same in JavaScript.

import express, { type Request, type Response } from 'express'

const Greeting = { Hello: 'hello' } as const

export const app = express()

app.get('/', (request: Request, response: Response) => {
  response.json({ greeting: Greeting.Hello, from: request.hostname })
})
