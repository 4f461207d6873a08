// Runs in the arbiter: HTTP with JSON at the control socket, to read the state and to give orders. A client
// that hangs, sends invalid or too much data, or does not read its response does not affect the server or
// others.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Order, OrderResult } from '../arbiter/model/orders.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { readLogRequest } from './log-request.ts'
import { sendLogs } from './log-stream.ts'
import { outcomeOf, Progress } from './progress.ts'
import { limits, serverName, type Outcome } from './protocol.ts'
import { RequestError } from './request-error.ts'
import { readBody, readCall, readOrder } from './request.ts'
import { endLines, respond, respondError, respondMalformed } from './response.ts'
import { SocketFile, type SocketPlace } from './socket-file.ts'
import type { ControlTarget } from './target.ts'

export class ControlServer {
  readonly #server: Server
  readonly #target: ControlTarget
  readonly #file: SocketFile

  private constructor(server: Server, target: ControlTarget, file: SocketFile) {
    this.#server = server
    this.#target = target
    this.#file = file
    server.on('request', (request, response) => void this.#serve(request, response)) // never rejects
    server.on('clientError', respondMalformed)
  }

  /** Rejects with a BindError when the socket cannot be made. */
  static async open(target: ControlTarget, place: SocketPlace): Promise<ControlServer> {
    const server = createServer({
      maxHeaderSize: limits.head,
      headersTimeout: limits.request,
      requestTimeout: limits.request,
      connectionsCheckingInterval: 1000,
    })
    server.maxConnections = limits.connections
    return new ControlServer(server, target, await SocketFile.listen(server, place))
  }

  /** The file that it listens on. */
  get path(): string {
    return this.#file.present
  }

  /** After an upgrade: the new arbiter takes the path of the old one. */
  promote(): void {
    this.#file.promote()
  }

  /**
   * Accepts no new clients. Connections that wait for a stop stay open until the process exits. Returns the
   * reason why the file could not be removed, or undefined.
   */
  close(): string | undefined {
    this.#server.close()
    return this.#file.remove()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy()) // the client has disconnected
    response.setHeader('Connection', 'close')
    response.setHeader('Server', serverName)
    try {
      await this.#respond(request, response)
    } catch (error) {
      respondError(
        response,
        error instanceof RequestError ? error : new RequestError(500, describeError(error).message),
      )
    }
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { command, wait, values } = readCall(request.method ?? '', request.url ?? '')
    const text = await readBody(request)
    if (command === 'status') return respond(response, 200, this.#target.status())
    if (command === 'workers') return respond(response, 200, { workers: this.#target.workers() })
    if (command === 'schedules') return respond(response, 200, { schedules: this.#target.schedules() })
    if (command === 'logs')
      return sendLogs(response, readLogRequest(values, this.#target.services()), this.#target.feed)
    const order = readOrder(command, text)
    if (wait) return this.#follow(order, response)
    const reply = await new Promise<OrderResult>((resolve) => this.#target.order(order, resolve))
    if (reply.taken) return respond(response, 200, reply)
    throw new RequestError(409, `${command}: ${reply.why}`)
  }

  /** Sends the progress of an order until it is completed or has failed. */
  #follow(order: Order, response: ServerResponse): void {
    const progress = new Progress(response)
    let reply: OrderResult | undefined
    const conclude = (outcome: Outcome): void => {
      unsubscribe()
      progress.end(outcome)
      if (order.type !== 'stop' || !outcome.done) endLines(response)
    }
    const unsubscribe = this.#target.subscribe((event) => {
      progress.write(event)
      const outcome = reply && event.ending && outcomeOf(order, reply, event.ending)
      if (outcome) conclude(outcome)
    })
    response.once('close', unsubscribe)
    this.#target.order(order, (received) => {
      reply = received
      if (!received.taken) conclude({ done: false, reason: received.why })
    })
  }
}
