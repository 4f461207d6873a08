// Runs in a worker: keeps process.nextTick fast. Node makes an object for each tick with keys that are
// symbols, and V8 compiles that to a few stores as long as it knows the shape of the object. When the garbage
// collector runs in an idle moment no such object is alive, the shape is collected too, and V8
// (Runtime_DefineKeyedOwnPropertyInLiteral) takes the next one for a second shape and gives up for ever: each
// tick then costs 200 ns more, a small request, which has about ten of them, a quarter more. One live object
// prevents it.

import { executionAsyncResource } from 'node:async_hooks'

/**
 * An object that Node made for a tick. Importing this module is enough: it is kept as long as the process
 * lives.
 */
export const tickObject: Promise<object> = new Promise((resolve) =>
  process.nextTick(() => resolve(executionAsyncResource())),
)
