// Runs in the arbiter: what hooks of the arbiter print with `console` or write with the `log` of tsgun goes
// to the app log, as it does in a worker. Only the console is diverted: the arbiter's own standard streams
// may be logs themselves, and what a library writes to them directly stays where it was sent.

import { Console } from 'node:console'
import { Writable } from 'node:stream'
import type { Settings } from '../../config/settings/table.ts'
import { OutputCapture } from '../../logging/capture/output.ts'
import type { Logs } from '../../logging/files/logs.ts'
import { logLink } from '../../logging/records/log-link.ts'
import { createLogger } from '../../logging/records/logger.ts'

type HookLogs = Pick<Logs, 'isTerminal' | 'writeOwn'>

/** Returns a function that restores the console. */
export function captureConsole(logs: HookLogs, format: 'text' | 'json'): () => void {
  const stream = (name: 'stdout' | 'stderr'): Writable => {
    const capture = new OutputCapture({
      stream: name,
      pid: process.pid,
      format,
      color: logs.isTerminal('app'),
      write: (lines) => logs.writeOwn('app', lines),
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

/**
 * The `log` that hooks of the arbiter import. Before the logs are open, while the config file is loaded, it
 * writes to standard output. Returns a function that removes the link.
 */
export function linkHookLog(
  logs: HookLogs,
  { loglevel, log_format, log_redact }: Pick<Settings, 'loglevel' | 'log_format' | 'log_redact'>,
): () => void {
  const logger = createLogger({
    level: loglevel,
    format: log_format,
    redact: log_redact,
    color: logs.isTerminal('app'),
    base: { pid: process.pid },
    write: (line) => logs.writeOwn('app', line),
  })
  return logLink.install({ logger: () => logger })
}
