// Runs in the arbiter: HTTP with JSON at the control socket. It looks and gives orders, and whatever a client
// does (hang, send garbage or too much, not read its answer) costs nobody else anything.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Order, OrderResult } from '../arbiter/model/orders.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { answer, refuse, refuseGarbage } from './answer.ts'
import { readBody } from './body.ts'
import { readCall, readOrder } from './call.ts'
import { outcomeOf, Progress } from './progress.ts'
import { limits, type Outcome } from './protocol.ts'
import { Refusal } from './refusal.ts'
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
    server.on('clientError', refuseGarbage)
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

  /** The file it listens at. */
  get path(): string {
    return this.#file.present
  }

  /** The new master of an upgrade takes the path of the old one. */
  promote(): void {
    this.#file.promote()
  }

  /**
   * No new clients. Who waits for the stop sees the end of the process by that of the connection. Answers why
   * the file could not be removed, if so.
   */
  close(): string | undefined {
    this.#server.close()
    return this.#file.remove()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy()) // the client has left
    response.setHeader('Connection', 'close')
    try {
      await this.#answer(request, response)
    } catch (error) {
      refuse(response, error instanceof Refusal ? error : new Refusal(500, describeError(error).message))
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { command, wait } = readCall(request.method ?? '', request.url ?? '')
    const text = await readBody(request)
    if (command === 'status') return answer(response, 200, this.#target.status())
    if (command === 'workers') return answer(response, 200, { workers: this.#target.workers() })
    const order = readOrder(command, text)
    if (wait) return this.#follow(order, response)
    const result = await new Promise<OrderResult>((resolve) => this.#target.order(order, resolve))
    if (result.taken) return answer(response, 200, result)
    throw new Refusal(409, `${command}: ${result.why}`)
  }

  /** Tells what happens until the order is carried out, or cannot be. */
  #follow(order: Order, response: ServerResponse): void {
    const progress = new Progress(response)
    let result: OrderResult | undefined
    const conclude = (outcome: Outcome): void => {
      unsubscribe()
      progress.conclude(outcome)
      if (order.type !== 'stop' || !outcome.done) end(response)
    }
    const unsubscribe = this.#target.subscribe((each) => {
      progress.report(each)
      const outcome = result && each.ending && outcomeOf(order, result, each.ending)
      if (outcome) conclude(outcome)
    })
    response.once('close', unsubscribe)
    this.#target.order(order, (given) => {
      result = given
      if (!given.taken) conclude({ done: false, reason: given.why })
    })
  }
}

function end(response: ServerResponse): void {
  response.socket?.setTimeout(limits.answer)
  response.end()
}
