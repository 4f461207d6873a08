// Runs in a worker, only with `request_timeout`: the request on a stream whose time is running.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The requests of one stream; it is in the list of RequestTimeouts while there are any. */
export class Turn {
  readonly socket: Socket
  /** The response that is next to be sent. */
  current: ServerResponse | undefined = undefined
  /** What the app's handler has returned for it. */
  result: unknown = undefined
  /** With pipelining, the responses after it; the time of each begins when the one before it has ended. */
  waiting: ServerResponse[] | undefined = undefined
  /** Milliseconds on the monotonic clock at which the time of `current` began. */
  since = 0
  /** A request took too long: the stream takes no more requests. */
  isOver = false
  previous: Turn | undefined = undefined
  next: Turn | undefined = undefined

  constructor(socket: Socket) {
    this.socket = socket
  }
}
