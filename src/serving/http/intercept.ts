// Runs in a worker: the one place through which each event of a server passes before any listener. What is
// attached to a server (socket.io, terminus, `checkContinue`, an instrumentation) adds, replaces and wraps
// listeners, so a listener sees only a part of the requests; `emit` sees all of them.

import type { Server } from 'node:net'

/** Calls the listeners of the server, as its own `emit` does. */
export type Emit = (event: string | symbol, ...args: readonly unknown[]) => boolean

/** Events with what is called instead of their listeners. */
export type Intercepts = Readonly<Record<string, (...args: never[]) => void>>

/**
 * From now on the server calls `intercepts` for these events; they call the listeners by the `emit` they were
 * created with. `request` is apart, because it is the event of each request.
 */
export function intercept<Request, Response>(
  server: Server,
  create: (emit: Emit) => {
    readonly request: (request: Request, response: Response) => void
    readonly others: Intercepts
  },
): void {
  // An instrumentation may have wrapped the method of the prototype; this is the wrapped one.
  const inherited = server.emit
  const emit: Emit = (event, ...args) => Reflect.apply(inherited, server, [event, ...args]) as boolean
  const { request, others } = create(emit)
  server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    // Parse boundary: Node emits each event with arguments of one type.
    if (event === 'request') request(args[0] as Request, args[1] as Response)
    else if (typeof event === 'string' && Object.hasOwn(others, event))
      Reflect.apply(others[event] as (...parameters: unknown[]) => void, server, args)
    else return emit(event, ...args)
    return true
  }
}
