// Runs in the arbiter: `console.log` in a hook of the master ends in the app log, as it does in a worker.
// Only the console is diverted: the master's own standard streams may be logs themselves, and what a library
// writes to them directly stays where it was sent.

import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { OutputCapture } from '../../logging/capture/output.ts'
import type { LogFiles } from '../../logging/files/log-files.ts'

/** Answers a function that gives the console back. */
export function captureConsole(logs: LogFiles, format: 'text' | 'json'): () => void {
  const stream = (name: 'stdout' | 'stderr'): Writable => {
    const capture = new OutputCapture({
      stream: name,
      pid: process.pid,
      format,
      color: logs.isTerminal('app'),
      write: (lines) => logs.write('app', lines),
    })
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        capture.push(chunk)
        done()
      },
    })
  }
  return replaceMethods(new Console({ stdout: stream('stdout'), stderr: stream('stderr') }))
}

/** The methods and not the object: modules that import `node:console` hold the same object. */
function replaceMethods(substitute: Console): () => void {
  const originals = Object.entries(substitute).flatMap(([name, method]: [string, unknown]) => {
    const original: unknown = Reflect.get(console, name)
    if (typeof method !== 'function' || typeof original !== 'function') return []
    Reflect.set(console, name, method)
    return [[name, original] as const]
  })
  return () => {
    for (const [name, original] of originals) Reflect.set(console, name, original)
  }
}
