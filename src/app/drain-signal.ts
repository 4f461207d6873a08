// Every process: the `drainSignal` that users import. Kept under a global symbol, as `log` is: the app may
// load another copy of the package than the one that was started, and all copies must share one signal.

import { setMaxListeners } from 'node:events'

const controllerKey = Symbol.for('tsgun.drain')

/**
 * Aborted when this worker begins to drain: at a stop or reload, when it is recycled, or when its slot is
 * removed. An app with endless responses (server-sent events, long polls) should end them then, before they
 * are closed at `graceful_timeout`. Never aborted outside of a worker.
 */
export const drainSignal: AbortSignal = controller().signal

/** Aborts the signal; called once in a worker. */
export function announceDrain(): void {
  controller().abort(new DOMException('this worker is draining', 'AbortError'))
}

/** Hundreds of streams may listen to the signal: the warning of Node about a leak is turned off. */
function controller(): AbortController {
  const found: unknown = Reflect.get(globalThis, controllerKey)
  if (found instanceof AbortController) return found
  const made = new AbortController()
  setMaxListeners(0, made.signal)
  Object.defineProperty(globalThis, controllerKey, { value: made, enumerable: false, configurable: true })
  return made
}
