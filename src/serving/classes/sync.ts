// Runs in a worker: the worker class `sync`. It serves one connection with one request at a time, and accepts
// no other one meanwhile: its siblings do. For code that cannot work on two requests at once.

import { callsOf, loadNative } from '../../os/system/native.ts'
import { Gate } from '../accept/gate.ts'
import { Turnstile } from '../accept/turnstile.ts'
import { HttpService } from '../http/service.ts'
import { between, drainService, serviceParts, shutGate } from './service-parts.ts'
import type { Drain, ServeOptions, Serving } from './worker-class.ts'

/** Milliseconds that a new connection has for its first bytes when the worker drains. */
const [usualTime, hurriedTime] = [1000, 200]

export function serveSync(options: ServeOptions): Serving {
  const native = loadNative()
  const calls = callsOf(native)
  const { extension } = options
  const service = new HttpService({ ...options, calls, keepAlive: 0 }, () => turnstile.closed())
  service.closeEach()
  const turnstile = new Turnstile({
    serve: (socket, index) => service.serve(socket, index),
    onChange: () => gate.settle(),
    headTime: options.clientLimits.headTime,
    limit: options.connectionLimit,
  })
  const gate = new Gate({
    targets: options.listeners,
    backlog: options.backlog,
    limit: 1,
    open: () => Number(turnstile.isOccupied || extension?.isClosed === true),
    onConnection: between(options, (socket, index) => turnstile.admit(socket, index)),
    onNoGate: options.onNoGate,
    onFull: () => undefined, // it is busy, which is as it should be
    onShortage: options.onShortage,
    onError: options.report,
    native,
  })
  return {
    ...serviceParts(service, gate),
    load() {
      const { connections, ...load } = service.load()
      return { ...load, connections: connections + turnstile.waiting }
    },
    drain: (drain) => drainService(service, drain, shut(gate, turnstile, drain)),
  }
}

/** Resolves when it accepts none and none waits. */
async function shut(gate: Gate, turnstile: Turnstile, drain: Drain): Promise<void> {
  await shutGate(gate, drain)
  await turnstile.empty(Math.min(drain.within / 4, drain.hurry ? hurriedTime : usualTime))
}
