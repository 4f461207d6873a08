// Runs in a worker, only with `request_timeout`: whose turn it is on a connection, and since when.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The requests of one connection; a place in the list while there are any. */
export class Turn {
  readonly socket: Socket
  /** The response that is next to be sent. */
  current: ServerResponse | undefined = undefined
  /** What the app's handler has returned for it. */
  result: unknown = undefined
  /** With pipelining, the responses after it, whose time begins when it has ended. */
  waiting: ServerResponse[] | undefined = undefined
  /** Milliseconds on the monotonic clock. */
  since = 0
  /** Its time was over: it takes no more requests. */
  isOver = false
  previous: Turn | undefined = undefined
  next: Turn | undefined = undefined

  constructor(socket: Socket) {
    this.socket = socket
  }
}
