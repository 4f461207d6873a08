// The app of hello.js with the access log of morgan, which writes to the file LOG_FILE in the worker itself, as its README shows it.

import { createWriteStream } from 'node:fs'
import morgan from 'morgan'
import { app as hello } from './hello.js'

const log = morgan('combined', { stream: createWriteStream(process.env.LOG_FILE, { flags: 'a' }) })

export function app(request, response) {
  log(request, response, () => hello(request, response))
}
