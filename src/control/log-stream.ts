// Runs in the arbiter: the response to `logs`, lines of JSON with records. For a client that does not read
// fast enough records are left out, and counted.

import type { ServerResponse } from 'node:http'
import type { Batch, LogFeed } from '../logging/files/log-feed.ts'
import { isAskedFor, type LogRequest } from './log-request.ts'
import { limits, type LogStreamLine } from './protocol.ts'
import { beginLines, endLines } from './response.ts'

const lineFeed = 10

export function sendLogs(response: ServerResponse, request: LogRequest, feed: LogFeed): void {
  const stream = new LogStream(response)
  for (const batch of feed.recent()) if (isAskedFor(batch, request)) stream.send(recordsOf(batch))
  stream.send({ recent: true })
  if (!request.follow) return stream.end()
  const unfollow = feed.follow(
    (batch) => {
      if (isAskedFor(batch, request)) stream.offer(batch)
    },
    () => stream.end(),
  )
  response.once('close', unfollow)
}

class LogStream {
  readonly #response: ServerResponse
  /** Lines that were left out since the last that was sent, and when the first was. */
  #missed = 0
  #stalledAt = 0

  constructor(response: ServerResponse) {
    this.#response = response
    beginLines(response)
    response.on('drain', () => this.#tellMissed())
  }

  /** Sends a batch, unless too much waits already. */
  offer(batch: Batch): void {
    const { writableLength } = this.#response
    if (this.#missed === 0 && writableLength <= limits.unread) return this.send(recordsOf(batch))
    // nothing more is sent before the number of lines that were left out, which follows what waits now
    if (this.#missed === 0) this.#stalledAt = performance.now()
    this.#missed += linesIn(batch)
    if (performance.now() - this.#stalledAt > limits.stall) this.#response.destroy()
  }

  send(line: LogStreamLine): void {
    if (!this.#response.destroyed) this.#response.write(`${JSON.stringify(line)}\n`)
  }

  end(): void {
    this.#tellMissed()
    endLines(this.#response)
  }

  #tellMissed(): void {
    if (this.#missed > 0) this.send({ missed: this.#missed })
    this.#missed = 0
  }
}

function recordsOf({ log, service, nr, records }: Batch): LogStreamLine {
  return { log, service: service ?? null, worker: nr ?? null, records: records.toString() }
}

function linesIn({ records }: Batch): number {
  const bytes = typeof records === 'string' ? Buffer.from(records) : records
  let lines = 0
  for (const byte of bytes) if (byte === lineFeed) lines += 1
  return lines
}
