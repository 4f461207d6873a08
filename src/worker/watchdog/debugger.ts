// What the watchdog needs of V8's debugger. Runs in the watchdog thread of a worker, or in the main thread of
// one that serves by threads. In the watchdog thread it debugs the main thread.

import type { Debugger } from 'node:inspector'

export type Frame = Debugger.CallFrame

export interface PauseHandlers {
  /** Code has been loaded, now or before. */
  readonly onScript: (id: string, url: string) => void
  /** The thread stands in one of its functions: the frames, the innermost first. */
  readonly onPaused: (frames: readonly Frame[]) => void
}

/** A connection to the debugger of one thread. Each `done` is called with undefined on an error. */
export interface ThreadDebugger {
  pause(handlers: PauseHandlers): void
  source(scriptId: string, done: (source: string | undefined) => void): void
  /** The value of an expression in a frame of the paused thread. */
  evaluate(callFrameId: string, expression: string, done: (value: unknown) => void): void
  /** The thread continues. */
  disconnect(): void
}

/** `Debugger.evaluateOnCallFrame`: exceptions do not pause. */
export const silently = { silent: true, returnByValue: true } as const

export function debugMainThread(): ThreadDebugger {
  // Loaded when it is needed, so that a thread that only checks stays small.
  const { Session } = process.getBuiltinModule('node:inspector')
  const session = new Session()
  session.connectToMainThread()
  return {
    pause({ onScript, onPaused }) {
      session.on('Debugger.scriptParsed', ({ params }) => onScript(params.scriptId, params.url))
      session.on('Debugger.paused', ({ params }) => onPaused(params.callFrames))
      session.post('Debugger.enable')
      session.post('Debugger.pause')
    },
    source(scriptId, done) {
      session.post('Debugger.getScriptSource', { scriptId }, (error, result) =>
        done(error ? undefined : result.scriptSource),
      )
    },
    evaluate(callFrameId, expression, done) {
      session.post(
        'Debugger.evaluateOnCallFrame',
        { callFrameId, expression, ...silently },
        (error, result) => done(error || result.exceptionDetails ? undefined : result.result.value),
      )
    },
    disconnect: () => session.disconnect(),
  }
}
