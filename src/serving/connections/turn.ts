// Runs in a worker, only with `request_timeout`: the request on a stream whose time is running.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The stream whose requests have a time limit. */
interface Timed {
  readonly connection: { readonly socket: Socket }
  readonly waiting: readonly { readonly response: ServerResponse }[] | undefined
  isOver: boolean
}

/** It is in the list of RequestTimeouts while the time of a request runs. */
export class Turn {
  readonly stream: Timed
  /**
   * The request whose time runs: the current one of the stream. The time of one that waits behind it begins
   * when the one before it has ended.
   */
  current: ServerResponse | undefined = undefined
  /** What the app's handler has returned for it. */
  result: unknown = undefined
  /** Milliseconds on the monotonic clock at which its time began. */
  since = 0
  previous: Turn | undefined = undefined
  next: Turn | undefined = undefined

  constructor(stream: Timed) {
    this.stream = stream
  }
}
