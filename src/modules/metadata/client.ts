// Arbiter and workers, main and hook thread. Compiles with the project's own compiler. TypeScript, which
// takes time and memory, runs in a thread, which is started for the first file. The arbiter goes on
// meanwhile; an import in a worker has to wait.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { stripVTControlCharacters } from 'node:util'
import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads'
import type * as Swc from '@swc/core'
import { within } from '../../os/system/within.ts'
import { findCompiler, noCompiler, unframed, type ProjectCompiler } from './find-compiler.ts'
import type { Compiled, Reply, Task, ThreadData, ThreadTask } from './protocol.ts'
import { compileWithSwc } from './swc.ts'
import type { ThreadSource } from './thread-source.ts'

const require = createRequire(import.meta.url)

/** Milliseconds for one file, with the start of the thread. */
const limit = 60_000
/** Milliseconds without a file after which the thread ends. */
const idle = 3000

/** For calls that wait, or for calls that do not: one compiler is for one of the two. */
export interface MetadataCompiler {
  /** Blocks this thread. Throws a SyntaxError, or an error that says what to install. */
  compileNow(task: Task): Compiled
  /** Rejects as compileNow throws. */
  compile(task: Task): Promise<Compiled>
  end(): void
}

interface Thread {
  readonly worker: Worker
  readonly port: MessagePort
  readonly replies: Int32Array
}

/** Starts no thread before the first file. */
export function createMetadataCompiler(source: ThreadSource): MetadataCompiler {
  let thread: Thread | undefined
  let timer: NodeJS.Timeout | undefined
  let last: Promise<unknown> = Promise.resolve()
  const end = (): void => {
    clearTimeout(timer)
    void thread?.worker.terminate()
    thread = undefined
  }
  const started = (): Thread => {
    clearTimeout(timer)
    timer = setTimeout(end, idle).unref()
    return (thread ??= startThread(source, end))
  }
  return {
    compileNow(task) {
      const { name, file } = compilerOf(task)
      if (name === '@swc/core') return withSwc(file, task)
      const { port, replies } = started()
      const before = Atomics.load(replies, 0)
      port.postMessage({ ...task, compiler: file } satisfies ThreadTask)
      Atomics.wait(replies, 0, before, limit)
      return compiledOf(task, receiveMessageOnPort(port)?.message)
    },
    async compile(task) {
      const { name, file } = compilerOf(task)
      if (name === '@swc/core') return withSwc(file, task)
      const reply = last.then(() => ask(started(), { ...task, compiler: file }))
      last = reply.catch(end) // the next file starts another thread
      return reply.then((message) => compiledOf(task, message))
    },
    end,
  }
}

function compilerOf({ path }: Task): ProjectCompiler {
  const compiler = findCompiler(path)
  if (compiler === undefined) throw noCompiler(path)
  return compiler
}

function startThread(source: ThreadSource, onError: () => void): Thread {
  const { port1, port2 } = new MessageChannel()
  const replies = new Int32Array(new SharedArrayBuffer(4))
  const workerData: ThreadData = { port: port2, replies }
  // Its environment is empty: NODE_OPTIONS of the app are not for it.
  const worker = source.start({ workerData, transferList: [port2], execArgv: [], env: {} })
  worker.on('error', onError)
  worker.unref()
  port1.unref()
  return { worker, port: port1, replies }
}

/** Resolves with undefined when the thread does not reply in time; rejects when it fails. */
async function ask({ worker, port }: Thread, task: ThreadTask): Promise<unknown> {
  const stop = new AbortController()
  const message = new Promise((resolve) => port.once('message', resolve))
  port.postMessage(task)
  try {
    return await within(Promise.race([message, once(worker, 'exit', stop)]), limit)
  } finally {
    stop.abort()
  }
}

function compiledOf({ path }: Task, message: unknown): Compiled {
  if (message === undefined) throw new Error(`${path} was not compiled within ${limit / 1000} s`)
  const reply = message as Reply // parse boundary: what thread.ts beside this file sends
  if ('error' in reply) throw unframed(reply.error)
  return reply.compiled
}

// In this thread: it is loaded fast, and its native code cannot be loaded again once a thread has ended.
function withSwc(file: string, task: Task): Compiled {
  try {
    return compileWithSwc(require(file) as typeof Swc, task) // parse boundary: require() is untyped
  } catch (error) {
    throw unframed(`${task.path}: ${stripVTControlCharacters(String(error))}`)
  }
}
