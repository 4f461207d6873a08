// Runs in the watchdog thread of a worker, or in the main thread of one that serves by threads: pauses
// another thread with V8's debugger, although its event loop does not turn. While it is paused its functions
// can be called in one of its frames (`Runtime.evaluate` would wait for the event loop).

import type { Frame, ThreadDebugger } from './debugger.ts'

/** The paused thread. It continues only when it is released. */
export class Interrupted {
  readonly frames: readonly Frame[]
  readonly #debugger: ThreadDebugger
  readonly #urls: ReadonlyMap<string, string>

  constructor(thread: ThreadDebugger, frames: readonly Frame[], urls: ReadonlyMap<string, string>) {
    this.#debugger = thread
    this.frames = frames
    this.#urls = urls
  }

  /** The URL or path of the code of a frame; empty for code without one (`eval`). */
  urlOf({ location }: Frame): string {
    return this.#urls.get(location.scriptId) ?? ''
  }

  /** The code of a frame as it runs, with the comment that names its source map. */
  codeOf({ location: { scriptId } }: Frame, within: number): Promise<string | undefined> {
    return bounded(within, (done) => this.#debugger.source(scriptId, done))
  }

  /** Resolves with the value of an expression in the thread; undefined if it throws or takes too long. */
  evaluate(expression: string, within: number): Promise<unknown> {
    // the outermost frame: no local name of the app is in scope there
    const callFrameId = this.frames.at(-1)?.callFrameId ?? ''
    return bounded(within, (done) => this.#debugger.evaluate(callFrameId, expression, done))
  }

  release(): void {
    this.#debugger.disconnect()
  }
}

/** Resolves with undefined when the thread did not reach JavaScript within this many milliseconds. */
export async function interrupt(thread: ThreadDebugger, within: number): Promise<Interrupted | undefined> {
  const urls = new Map<string, string>()
  const frames = await bounded<readonly Frame[]>(within, (done) => {
    thread.pause({ onScript: (id, url) => urls.set(id, url), onPaused: done })
  })
  if (frames !== undefined && frames.length > 0) return new Interrupted(thread, frames, urls)
  thread.disconnect()
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
