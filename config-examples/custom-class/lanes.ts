// A worker class with lanes. Reports are heavy: a worker runs two at a time and lets eight wait, those with
// `X-Priority: high` first, which the proxy sets for customers who pay. One more gets a 503 at once, and so
// does nothing else: all other requests pass by the reports.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { defineWorkerClass } from 'tsgun'

const mostRunning = 2
const mostWaiting = 8

interface Waiting {
  readonly isUrgent: boolean
  readonly response: ServerResponse
  readonly start: () => unknown
}

export default defineWorkerClass({
  base: 'async',
  create({ log }) {
    let running = 0
    let waiting: Waiting[] = []

    function run({ response, start }: Waiting): unknown {
      running += 1
      response.once('close', () => {
        running -= 1
        const next = waiting.find(({ isUrgent }) => isUrgent) ?? waiting[0]
        if (next === undefined) return
        waiting = waiting.filter((each) => each !== next)
        run(next)
      })
      return start()
    }

    function wait(each: Waiting): void {
      waiting.push(each)
      // its client may leave before its turn
      each.response.once('close', () => (waiting = waiting.filter((other) => other !== each)))
    }

    function refuse(response: ServerResponse): void {
      log.warn({ running, waiting: waiting.length }, 'too many reports')
      response.writeHead(503, { 'retry-after': '5', 'content-type': 'text/plain' }).end('too many reports\n')
    }

    return {
      request(request: IncomingMessage, response: ServerResponse, next: () => unknown) {
        if (request.url?.startsWith('/report') !== true) return next()
        const each = { isUrgent: request.headers['x-priority'] === 'high', response, start: next }
        if (running < mostRunning) return run(each)
        return waiting.length < mostWaiting ? wait(each) : refuse(response)
      },
    }
  },
})
