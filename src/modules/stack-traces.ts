// Workers, main thread. Stack traces name the TypeScript file, line and column. Node's own source maps do it
// in the arbiter, but Node parses the map of each module when it is loaded (7 to 15 % of the boot of a worker
// with 300 modules); here a map is parsed when a stack that needs it is read.
import { SourceMap } from 'node:module'
import { fileOf } from './paths.ts'

/** Stored code ends in its map, in this form; debuggers read it as well. */
export const mapPrefix = '//# sourceMappingURL=data:application/json;base64,'

/** The code that runs for a file, undefined for a file that runs as it is. */
export type CodeOf = (path: string) => string | undefined

/** Maps the stack of each error from now on; does nothing when Node does it (`--enable-source-maps`). */
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

/** What V8 shows above the frames. */
function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return '<error>' // V8's own words for an error that throws when it is asked for its name or message
  }
}

function frameText(frame: NodeJS.CallSite, mapOf: (path: string) => SourceMap | undefined): string {
  const text = String(frame)
  // undefined for what a debugger evaluates
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

/** The map that stored code ends in. */
export function parseMap(code: string | undefined): SourceMap | undefined {
  const start = code?.lastIndexOf(mapPrefix) ?? -1
  if (code === undefined || start === -1) return undefined
  const json = Buffer.from(code.slice(start + mapPrefix.length), 'base64').toString()
  // compiled-code.ts has written it
  return new SourceMap(JSON.parse(json) as ConstructorParameters<typeof SourceMap>[0])
}
