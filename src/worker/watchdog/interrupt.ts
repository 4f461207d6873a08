// Runs in the watchdog thread of a worker: pauses the main thread with V8's debugger, although its event loop
// does not turn. While it is paused its functions can be called in one of its frames (`Runtime.evaluate`
// would wait for the event loop).

import type { Debugger, Session } from 'node:inspector'

type Frame = Debugger.CallFrame

/** The paused main thread. It continues only when it is released. */
export class Interrupted {
  readonly frames: readonly Frame[]
  readonly #session: Session
  readonly #urls: ReadonlyMap<string, string>

  constructor(session: Session, frames: readonly Frame[], urls: ReadonlyMap<string, string>) {
    this.#session = session
    this.frames = frames
    this.#urls = urls
  }

  /** The URL or path of the code of a frame; empty for code without one (`eval`). */
  urlOf({ location }: Frame): string {
    return this.#urls.get(location.scriptId) ?? ''
  }

  /** The code of a frame as it runs, with the comment that names its source map. */
  codeOf({ location: { scriptId } }: Frame, within: number): Promise<string | undefined> {
    return bounded(within, (done) => {
      this.#session.post('Debugger.getScriptSource', { scriptId }, (error, result) =>
        done(error ? undefined : result.scriptSource),
      )
    })
  }

  /**
   * Resolves with the value of an expression in the main thread; undefined if it throws or takes too long.
   */
  evaluate(expression: string, within: number): Promise<unknown> {
    // the outermost frame: no local name of the app is in scope there
    const callFrameId = this.frames.at(-1)?.callFrameId ?? ''
    return bounded(within, (done) => {
      const silently = { silent: true, returnByValue: true } // exceptions do not pause
      this.#session.post(
        'Debugger.evaluateOnCallFrame',
        { callFrameId, expression, ...silently },
        (error, result) => done(error || result.exceptionDetails ? undefined : result.result.value),
      )
    })
  }

  release(): void {
    this.#session.disconnect()
  }
}

/** Resolves with undefined when the main thread did not reach JavaScript within this many milliseconds. */
export async function interrupt(within: number): Promise<Interrupted | undefined> {
  // Loaded when it is needed, so that a thread that only checks stays small.
  const { Session } = process.getBuiltinModule('node:inspector')
  const session = new Session()
  const urls = new Map<string, string>()
  session.connectToMainThread()
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  const frames = await bounded<readonly Frame[]>(within, (done) => {
    session.on('Debugger.paused', ({ params }) => done(params.callFrames))
    session.post('Debugger.enable')
    session.post('Debugger.pause')
  })
  if (frames !== undefined && frames.length > 0) return new Interrupted(session, frames, urls)
  session.disconnect()
  return undefined
}

/** Resolves with what `start` passes to `done`, or with undefined after `within` milliseconds. */
function bounded<Value>(
  within: number,
  start: (done: (value: Value | undefined) => void) => void,
): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), within)
    start((value) => {
      clearTimeout(timer)
      resolve(value)
    })
  })
}
