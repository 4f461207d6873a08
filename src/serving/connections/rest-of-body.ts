// Runs in a worker: requests whose response ends before their body has arrived, as when an app refuses an
// upload. Node closes such a connection with a reset, which can discard the response, or reads the rest
// however much it is. Here the rest is read up to a size and a time, then the connection is closed in good
// order.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { endGently, largestRest } from './end-gently.ts'
import type { Stream } from './stream.ts'

/** Milliseconds between two checks. */
const interval = 500
/** Checks for which a client may go on sending, on a connection that is kept: half a minute. */
const longest = 60

/**
 * Makes Node's own closing after the last response gentle where the client may still send: the body is not
 * complete, or the stream takes no more requests. `streamOf`: undefined when it is not open.
 */
export function closeGently(socket: Socket, streamOf: (socket: Socket) => Stream | undefined): void {
  const { destroySoon } = socket // of its class
  socket.destroySoon = function () {
    const stream = streamOf(this)
    const request = stream?.newest?.req
    const isComplete = request === undefined || request.complete
    if (stream === undefined || (isComplete && !stream.isOver))
      return void Reflect.apply(destroySoon, this, [])
    stream.isOver = true
    if (!isComplete && !isRead(request)) request.resume()
    endGently(this)
  }
}

/**
 * Called when a response has ended before the body of its request: the connection may carry more requests.
 */
export function boundRest({ req: request }: ServerResponse, stream: Stream): void {
  const { socket } = stream.connection
  if (socket.destroyed || stream.isOver || isRead(request)) return
  const before = socket.bytesRead
  let checks = 0
  request.resume()
  const timer = setInterval(() => {
    checks += 1
    const isDone = request.complete || socket.destroyed || stream.isOver
    if (!isDone && checks < longest && socket.bytesRead - before <= largestRest) return
    clearInterval(timer)
    if (isDone) return
    stream.isOver = true
    endGently(socket)
  }, interval).unref()
}

/** An app may respond first and then read the body. */
const isRead = (request: IncomingMessage): boolean =>
  request.destroyed || request.listenerCount('data') + request.listenerCount('readable') > 0
