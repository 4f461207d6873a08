// In every process: the `drainSignal` that users import. A registered symbol and not a module, as with `log`:
// the app may import another copy of the package than the one that was started, or require() it, and all of
// them must have one signal.

import { setMaxListeners } from 'node:events'

const controllerKey = Symbol.for('tsgun.drain')

/**
 * Fires when this worker begins to drain: at a stop, a reload, a recycling, or when its slot goes. An app
 * that has responses without an end (server-sent events, long polls) ends them then, so that nobody is cut
 * off at `graceful_timeout`. Outside of a worker it never fires.
 */
export const drainSignal: AbortSignal = controller().signal

/** In a worker, once. */
export function announceDrain(): void {
  controller().abort(new DOMException('this worker drains', 'AbortError'))
}

/** Each stream may listen to it: hundreds are no leak that Node has to warn of. */
function controller(): AbortController {
  const found: unknown = Reflect.get(globalThis, controllerKey)
  if (found instanceof AbortController) return found
  const made = new AbortController()
  setMaxListeners(0, made.signal)
  Object.defineProperty(globalThis, controllerKey, { value: made, enumerable: false, configurable: true })
  return made
}
