// The thread that compiles with the project's own `typescript`. Its memory is free again when the thread
// ends, a few seconds after the last file.
import { createRequire } from 'node:module'
import { workerData } from 'node:worker_threads'
import type * as TypeScript from 'typescript'
import { messageOf } from '../../os/error-message.ts'
import type { Reply, ThreadData, ThreadTask } from './protocol.ts'
import { compileWithTypeScript } from './typescript.ts'

// Parse boundary: what client.ts beside this file passes.
const { port, replies } = workerData as ThreadData

port.on('message', (task: ThreadTask) => {
  port.postMessage(replyTo(task))
  Atomics.add(replies, 0, 1)
  Atomics.notify(replies, 0)
})

function replyTo({ compiler, ...task }: ThreadTask): Reply {
  try {
    const require = createRequire(compiler) // this code may have no file of its own
    // Parse boundary: require() is untyped. Node keeps what is loaded.
    return { compiled: compileWithTypeScript(require(compiler) as typeof TypeScript, task) }
  } catch (error) {
    return { error: messageOf(error) }
  }
}
