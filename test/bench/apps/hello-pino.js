// The app of hello.js with the access log of pino-http, which writes to the file LOG_FILE in the worker itself.
// With LOG_BUFFER pino buffers this many bytes before it writes; by default it writes each line at once.

import pino from 'pino'
import { pinoHttp } from 'pino-http'
import { app as hello } from './hello.js'

const { LOG_FILE: dest, LOG_BUFFER } = process.env
const buffered = LOG_BUFFER === undefined ? {} : { minLength: Number(LOG_BUFFER), sync: false }
const log = pinoHttp({}, pino.destination({ dest, ...buffered }))

export function app(request, response) {
  log(request, response)
  hello(request, response)
}
