// Runs in the main thread of a worker that serves by threads: the debugger of one of these threads, which
// Node.js reaches by messages of the main thread's own debugger
// (https://chromedevtools.github.io/devtools-protocol/, domain NodeWorker of Node.js).

import type { Session } from 'node:inspector'
import { isObject } from '../../os/type-checks.ts'
import { silently, type Frame, type PauseHandlers, type ThreadDebugger } from '../watchdog/debugger.ts'

type Fields = Readonly<Record<string, unknown>>
type Done = (result: Fields | undefined) => void

/** `thread`: its threadId. */
export function debugThread(thread: number): ThreadDebugger {
  const { Session } = process.getBuiltinModule('node:inspector')
  const session = new Session()
  session.connect()
  return new WorkerThreadDebugger(session, thread)
}

class WorkerThreadDebugger implements ThreadDebugger {
  readonly #session: Session
  readonly #thread: number
  readonly #waiting = new Map<number, Done>()
  #sessionId: string | undefined
  #handlers: PauseHandlers | undefined
  #count = 0

  constructor(session: Session, thread: number) {
    this.#session = session
    this.#thread = thread
  }

  pause(handlers: PauseHandlers): void {
    this.#handlers = handlers
    this.#session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      if (params.sessionId === this.#sessionId) this.#receive(JSON.parse(params.message))
    })
    this.#session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
      if (numberIn(workerInfo.title) !== this.#thread) return this.#detach(sessionId)
      this.#sessionId = sessionId
      this.#send('Debugger.enable')
      this.#send('Debugger.pause')
    })
    this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  }

  source(scriptId: string, done: (source: string | undefined) => void): void {
    this.#send('Debugger.getScriptSource', { scriptId }, (result) => {
      const source = result?.['scriptSource']
      done(typeof source === 'string' ? source : undefined)
    })
  }

  evaluate(callFrameId: string, expression: string, done: (value: unknown) => void): void {
    this.#send('Debugger.evaluateOnCallFrame', { callFrameId, expression, ...silently }, (result) => {
      const value = result?.['result']
      done(isObject(value) && result?.['exceptionDetails'] === undefined ? value['value'] : undefined)
    })
  }

  disconnect(): void {
    if (this.#sessionId !== undefined) {
      this.#send('Debugger.disable') // a paused thread continues
      this.#detach(this.#sessionId)
    }
    this.#session.disconnect()
  }

  #detach(sessionId: string): void {
    this.#session.post('NodeWorker.detach', { sessionId })
  }

  #send(method: string, params: Fields = {}, done?: Done): void {
    this.#count += 1
    if (done) this.#waiting.set(this.#count, done)
    const message = JSON.stringify({ id: this.#count, method, params })
    this.#session.post('NodeWorker.sendMessageToWorker', { sessionId: this.#sessionId ?? '', message })
  }

  /** Parse boundary: what V8 sends as text. */
  #receive(message: unknown): void {
    if (!isObject(message)) return
    const { id, method, params, result } = message
    if (typeof id === 'number') {
      this.#waiting.get(id)?.(isObject(result) ? result : undefined)
      this.#waiting.delete(id)
    } else if (isObject(params)) this.#emit(method, params)
  }

  #emit(method: unknown, params: Fields): void {
    if (method === 'Debugger.scriptParsed')
      this.#handlers?.onScript(String(params['scriptId']), String(params['url']))
    if (method === 'Debugger.paused') this.#handlers?.onPaused(params['callFrames'] as readonly Frame[])
  }
}

/** `[worker 3]`, on newer versions with its name behind. */
function numberIn(title: string): number {
  return Number(/^\[worker (\d+)\]/.exec(title)?.[1])
}
