// Runs in a worker: what lib/_http_server.js does to the requests and responses that it makes, for those that
// are made elsewhere. The names are the same from Node 20 to 26 (lib/_http_incoming.js,
// lib/_http_outgoing.js).

import { EventEmitter } from 'node:events'
import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** `fields`: names and values in turn. `headers` and `rawHeaders` of the request are made of them. */
export function setFields(request: IncomingMessage, fields: readonly string[]): void {
  const add: unknown = Reflect.get(request, '_addHeaderLines')
  if (typeof add !== 'function') throw new Error('this Node.js has no way to set the fields of a request')
  Reflect.apply(add, request, [fields, fields.length])
}

/** The response that is being sent on a connection (ServerResponse.assignSocket). */
export function responseOn(socket: Socket): ServerResponse | undefined {
  const response: unknown = Reflect.get(socket, '_httpMessage')
  return response instanceof ServerResponse ? response : undefined
}

/** The server that Node notes on each connection of HTTP/1. */
export function serverOf(socket: Socket): EventEmitter | undefined {
  const server: unknown = Reflect.get(socket, 'server')
  return server instanceof EventEmitter ? server : undefined
}

export function noteServer(socket: Socket, server: EventEmitter): void {
  Reflect.set(socket, 'server', server)
}

/** The socket of the response takes more: emits `drain` if something waits for it. */
export function drainResponse(response: ServerResponse): void {
  if (!response.writableNeedDrain) return
  const key = Object.getOwnPropertySymbols(response).find(({ description }) => description === 'kNeedDrain')
  if (key !== undefined) Reflect.set(response, key, false)
  response.emit('drain')
}
