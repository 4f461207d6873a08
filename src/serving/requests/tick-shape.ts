// Runs in a worker: keeps process.nextTick fast. Node makes an object for each tick with keys that are
// symbols, and V8 compiles that to a few stores as long as it knows the shape of the object. When the garbage
// collector runs in an idle moment no such object is alive, the shape is collected too, and V8
// (Runtime_DefineKeyedOwnPropertyInLiteral) takes the next one for a second shape and never optimizes it
// again: each tick then costs 200 ns more, and a small request, which has about ten of them, takes a quarter
// longer. One live object prevents it.

import { executionAsyncResource } from 'node:async_hooks'

/** An object that Node made for a tick. To import this module is enough to keep it for the process's life. */
export const tickObject: Promise<object> = new Promise((resolve) =>
  process.nextTick(() => resolve(executionAsyncResource())),
)
