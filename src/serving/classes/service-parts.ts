// Runs in a worker: what a worker class with one HttpService behind one gate leaves to these two.

import type { Gate, GateOptions } from '../accept/gate.ts'
import type { HttpService, Occupancy } from '../http/service.ts'
import type { Extension } from './extension.ts'
import type { Drain, ServeOptions, Serving } from './worker-class.ts'

/** All but its load and its drain. */
export function serviceParts(service: HttpService, gate: Gate): Omit<Serving, 'load' | 'drain'> {
  return {
    server: service.server,
    add: (server) => service.add(server),
    async listen() {
      await gate.listen()
      service.start()
    },
    inFlight: () => service.inFlight(),
    startedIn: (asyncIds) => service.startedIn(asyncIds),
    logInFlight: () => service.logInFlight(),
    settle: () => gate.settle(),
    unready: (path) => service.unready(path),
    respond: (texts) => service.respond(texts),
  }
}

/** `shut`: resolves when it accepts no more connections, and none waits for the service. */
export function drainService(
  service: HttpService,
  { within, hurry = false }: Drain,
  shut: Promise<void>,
): Promise<readonly string[]> {
  return service.drain({ within, hurry, shut })
}

/** Half of the time is left for the requests of the connections that are taken last. */
export async function shutGate(gate: Gate, { within, last, onShut }: Drain): Promise<void> {
  if (last !== false) await gate.takeWaiting(within / 2, last === true ? undefined : last)
  gate.shut()
  onShut()
}

/** A connection goes to the extension first, if there is one that takes connections. */
export function between(
  { listeners, extension }: Pick<ServeOptions, 'listeners' | 'extension'>,
  serve: GateOptions['onConnection'],
): GateOptions['onConnection'] {
  if (!extension?.takesConnections) return serve
  return (socket, index) => extension.takes(socket, listeners[index]?.url ?? '') || serve(socket, index)
}

export function withTaken(occupancy: Occupancy, { open }: Pick<Extension, 'open'> = { open: 0 }): Occupancy {
  const { connections, upgraded } = occupancy
  return { ...occupancy, connections: connections + open, upgraded: upgraded + open }
}
