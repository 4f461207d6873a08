// Runs in a worker: a stream of HTTP/2 on which nothing has moved for the time of `setTimeout` of its
// request, response or server. As lib/_http_server.js does it for a connection: the listeners decide, and
// without one the stream is destroyed.

import type { Socket } from 'node:net'
import { responseOn, serverOf } from '../../os/system/http-objects.ts'

export function onTimeout(this: Socket): void {
  const response = responseOn(this)
  const request = response?.req.complete === false ? response.req : undefined
  const isHandled = [serverOf(this), response, request].map((each) => each?.emit('timeout', this))
  if (!isHandled.includes(true)) this.destroy()
}
