// Workers, main thread. Maps stack traces to TypeScript files, lines and columns. The arbiter uses Node's
// source maps, but Node parses the map of each module that it loads (7 to 15 % of the boot of a worker with
// 300 modules); here a map is parsed when a stack trace needs it.
import { SourceMap } from 'node:module'
import { fileOf } from './paths.ts'

/** Stored code ends in its source map, in a form that debuggers read. */
export const mapPrefix = '//# sourceMappingURL=data:application/json;base64,'

/** Returns the compiled code of a file; undefined for a file that is not compiled. */
export type CodeOf = (path: string) => string | undefined

/** Maps the stack of each error from now on; does nothing if Node does it (`--enable-source-maps`). */
export function mapStackTraces(codeOf: CodeOf): void {
  if (process.sourceMapsEnabled === true) return
  const maps = new Map<string, SourceMap | undefined>()
  const mapOf = (path: string): SourceMap | undefined => {
    if (!maps.has(path)) maps.set(path, parseMap(codeOf(path)))
    return maps.get(path)
  }
  Error.prepareStackTrace = (error, frames) => {
    return [headOf(error), ...frames.map((frame) => `    at ${frameText(frame, mapOf)}`)].join('\n')
  }
}

/** The text of V8 above the frames. */
function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return '<error>' // as in V8, for an error whose name or message throws
  }
}

function frameText(frame: NodeJS.CallSite, mapOf: (path: string) => SourceMap | undefined): string {
  const text = String(frame)
  // undefined for code that a debugger evaluates
  const name: string | null | undefined = frame.getScriptNameOrSourceURL()
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()]
  const path = name == null || name.startsWith('/') ? name : fileOf(name)
  if (name == null || path == null || line === null || column === null) return text
  const entry = mapOf(path)?.findEntry(line - 1, column - 1)
  if (entry === undefined || !('originalLine' in entry)) return text
  return text.replace(
    `${name}:${line}:${column}`,
    `${name}:${entry.originalLine + 1}:${entry.originalColumn + 1}`,
  )
}

/** Parses the source map at the end of stored code. */
export function parseMap(code: string | undefined): SourceMap | undefined {
  const start = code?.lastIndexOf(mapPrefix) ?? -1
  if (code === undefined || start === -1) return undefined
  const json = Buffer.from(code.slice(start + mapPrefix.length), 'base64').toString()
  // Parse boundary: written by compiled-code.ts.
  return new SourceMap(JSON.parse(json) as ConstructorParameters<typeof SourceMap>[0])
}
