// Runs in a worker: the worker class `sync`. It serves one connection with one request at a time, and accepts
// no other one meanwhile: its siblings do. For code that cannot work on two requests at once.

import { callsOf, loadNative } from '../../os/system/native.ts'
import { Gate } from '../accept/gate.ts'
import { Turnstile } from '../accept/turnstile.ts'
import { HttpService } from '../http/service.ts'
import type { Drain, ServeOptions, Serving } from './worker-class.ts'

/** Milliseconds that a new connection has for its first bytes when the worker drains. */
const [usualTime, hurriedTime] = [1000, 200]

export function serveSync(options: ServeOptions): Serving {
  const native = loadNative()
  const calls = callsOf(native)
  const service = new HttpService({ ...options, calls, keepAlive: 0 }, () => turnstile.closed())
  service.closeEach()
  const turnstile = new Turnstile({
    serve: (socket, index) => service.serve(socket, index),
    onFree: () => void (gate.mayOpen && gate.relax().catch(options.report)),
    headTime: options.clientLimits.headTime,
    limit: options.connectionLimit,
  })
  const gate = new Gate({
    targets: options.listeners,
    backlog: options.backlog,
    limit: 1,
    open: () => Number(turnstile.isOccupied),
    onConnection: (socket, index) => turnstile.admit(socket, index),
    onNoGate: options.onNoGate,
    onFull: () => undefined, // it is busy, which is as it should be
    onShortage: options.onShortage,
    onError: options.report,
    native,
  })
  return {
    server: service.server,
    add: (server) => service.add(server),
    async listen() {
      await gate.listen()
      service.start()
    },
    load() {
      const { connections, ...load } = service.load()
      return { ...load, connections: connections + turnstile.waiting }
    },
    inFlight: () => service.inFlight(),
    startedIn: (asyncIds) => service.startedIn(asyncIds),
    logInFlight: () => service.logInFlight(),
    unready: (path) => service.unready(path),
    respond: (texts) => service.respond(texts),
    drain: (drain) =>
      service.drain({
        within: drain.within,
        hurry: drain.hurry ?? false,
        shut: shut(gate, turnstile, drain),
      }),
  }
}

/** Resolves when it accepts none and none waits. Half of the time is left for those that are taken last. */
async function shut(gate: Gate, turnstile: Turnstile, { within, last, hurry, onShut }: Drain): Promise<void> {
  if (last !== false) await gate.takeWaiting(within / 2, last === true ? undefined : last)
  gate.shut()
  onShut()
  await turnstile.empty(Math.min(within / 4, hurry ? hurriedTime : usualTime))
}
