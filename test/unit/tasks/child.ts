// A task process of a test: hosts one of these tasks on the queues that it has inherited, and sends a message
// for each begin.

import { loadNative } from '../../../src/os/system/native.ts'
import { TaskHost } from '../../../src/tasks/host/host.ts'
import type { AnyDefinition } from '../../../src/tasks/model/definition.ts'
import { TaskContext } from '../../../src/tasks/model/task-context.ts'

const [, , task = '', maxQueue, timeout] = process.argv

const tasks: Readonly<Record<string, AnyDefinition>> = {
  /** Ends its process, blocks for so many milliseconds, counts bytes, or returns its input. */
  run: { run: (input) => act(input) },
  batch: {
    batch: { max: 8, max_wait: 500, run: (inputs) => inputs.map((input) => act(input)) },
  },
  /** As a model whose time does not depend on the size of the batch. */
  model: {
    batch: {
      max: 32,
      max_wait: 10,
      run(inputs) {
        block(5)
        return inputs
      },
    },
  },
}

function act(input: unknown): unknown {
  if (input === 'crash') process.kill(process.pid, 'SIGKILL')
  if (typeof input === 'number') block(input)
  return input instanceof Uint8Array ? input.byteLength : input
}

function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

const host = new TaskHost({
  name: 'job',
  definition: tasks[task] ?? {},
  model: undefined,
  queues: { high: 3, normal: 4 },
  maxQueue: Number(maxQueue),
  timeout: Number(timeout),
  native: loadNative(),
  context: new TaskContext(),
  onBegin: (running) => process.send?.({ begin: running.length }),
  onEnd: () => undefined,
  log: () => ({ warn: console.warn }),
})
await host.listen()
process.send?.('ready')
process.on('disconnect', () => process.exit())
