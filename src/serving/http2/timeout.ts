// Runs in a worker: a stream of HTTP/2 on which nothing has moved for the time of `setTimeout` of its
// request, response or server. As lib/_http_server.js does it for a connection: the listeners decide, and
// without one the stream is destroyed.

import { EventEmitter } from 'node:events'
import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export function onTimeout(this: Socket): void {
  const response: unknown = Reflect.get(this, '_httpMessage') // of assignSocket
  const server: unknown = Reflect.get(this, 'server')
  const emitters: unknown[] = [server]
  if (response instanceof ServerResponse) {
    emitters.push(response)
    if (!response.req.complete) emitters.push(response.req)
  }
  const isHandled = emitters.map(
    (emitter) => emitter instanceof EventEmitter && emitter.emit('timeout', this),
  )
  if (!isHandled.includes(true)) this.destroy()
}
