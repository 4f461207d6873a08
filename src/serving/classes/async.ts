// Runs in a worker: the worker class `async`, Node's event loop as it is. A gate accepts connections, one
// HttpService serves them all.

import { callsOf, loadNative } from '../../os/system/native.ts'
import { Gate } from '../accept/gate.ts'
import { HttpService, type Load } from '../http/service.ts'
import { between, drainService, serviceParts, shutGate, withTaken } from './service-parts.ts'
import type { ServeOptions, Serving } from './worker-class.ts'

export function serveAsync(options: ServeOptions): Serving {
  const { extension, connectionLimit: limit } = options
  const native = loadNative()
  const calls = callsOf(native)
  const service = new HttpService({ ...options, calls }, () => {
    turns?.closed()
    if (gate.mayOpen) gate.relax().catch(options.report)
  })
  const turns = options.turns?.(() => loadOf(service.load()))
  const gate = new Gate({
    targets: options.listeners,
    backlog: options.backlog,
    limit,
    open: extension ? () => (extension.isClosed ? limit : service.open + extension.open) : () => service.open,
    onConnection: between(options, (socket, index) => service.serve(socket, index)),
    onNoGate: options.onNoGate,
    onFull: () => extension?.isClosed || options.onFull(withTaken(service.occupancy(), extension)),
    onShortage: options.onShortage,
    onError: options.report,
    turns,
    native,
  })
  return {
    ...serviceParts(service, gate),
    load: () => service.load(),
    drain: (drain) => drainService(service, drain, shutGate(gate, drain)),
  }
}

/** One connection of HTTP/2 carries many requests. */
function loadOf({ connections, busy }: Load): number {
  return Math.max(connections, busy)
}
