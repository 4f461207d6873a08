// Arbiter and workers. The rules of `import` for the user's code, as plain functions. Both kinds of hooks
// use them: asynchronous ones in Node's hook thread (Node 20) and synchronous ones in the main thread (22.15
// and later).
import type { LoadFnOutput, ResolveFnOutput } from 'node:module'
import { pathToFileURL } from 'node:url'
import { hasCode } from '../../os/error-code.ts'
import { facadeOf } from './facade.ts'
import { isJsonImport, jsonModule, jsonModuleUrl } from './json-modules.ts'
import type { StoredFormat } from '../files/pack.ts'
import { fileOf, inheritGeneration, isCompiled, localFileOf } from '../files/paths.ts'
import { NOT_FOUND, pathOf, recordResolution, resolveFirst, resolveLast } from '../session/resolution.ts'
import { isStored, keep, provide, reportUrl, type Session } from '../session/session.ts'

/** Resolves a specifier instead of Node; undefined to let Node resolve it. */
export function resolveBeforeNode(
  session: Session,
  specifier: string,
  parentURL: string | undefined,
): ResolveFnOutput | undefined {
  const named = fileOf(specifier)
  // A stored file may be missing on disk.
  if (named !== undefined && isStored(session, named))
    return { url: inheritGeneration(specifier, parentURL), shortCircuit: true }
  const parent = localFileOf(parentURL)
  if (parent === undefined) return undefined
  const [request, suffix] = splitQuery(specifier)
  const path = resolveFirst(session, parent, request)
  // Node has to tell itself that a file is an addon, or it would read the file.
  return path === undefined || path.endsWith('.node')
    ? undefined
    : resolved(session, { specifier, parentURL }, pathToFileURL(path).href + suffix)
}

/** Completes the result of Node. */
export function resolveAfterNode(
  session: Session,
  request: ImportRequest,
  output: ResolveFnOutput,
): ResolveFnOutput {
  return localFileOf(output.url) === undefined && !isJsonImport(output.url, request.parentURL)
    ? output
    : { ...output, ...resolved(session, request, output.url) }
}

/** Resolves a specifier after Node failed; throws the error of Node if it cannot be resolved. */
export function resolveWithoutNode(
  session: Session,
  { specifier, parentURL }: ImportRequest,
  error: unknown,
): ResolveFnOutput {
  // The program of a thread is a URL, such as that of './thread.js' for thread.ts, and has no parent.
  const parent = localFileOf(parentURL) ?? localFileOf(specifier)
  const [request, suffix] = splitQuery(fileOf(specifier) ?? specifier)
  const path =
    parent !== undefined && hasCode(error, ...NOT_FOUND) ? resolveLast(session, parent, request) : undefined
  if (path === undefined) {
    const missing = parent === undefined ? undefined : pathOf(parent, request)
    if (missing !== undefined) session.report?.(missing)
    throw error
  }
  return resolved(session, { specifier, parentURL }, pathToFileURL(path).href + suffix)
}

/** Returns the code to run for a URL instead of the file on disk; undefined to let Node load it. */
export function loadBeforeNode(session: Session, url: string): LoadFnOutput | undefined {
  reportUrl(session, url)
  const json = jsonModule(session, url)
  if (json !== undefined) return { format: 'module', source: json, shortCircuit: true }
  const path = localFileOf(url)
  const module = path === undefined ? undefined : provide(session, path)
  if (module === undefined) return undefined
  if (module.format === 'module') return { format: 'module', source: module.code, shortCircuit: true }
  if (module.format === 'json') return { format: 'json', source: module.code, shortCircuit: true }
  return { format: 'module', source: facadeOf(session, module), shortCircuit: true }
}

/** Records a plain ES module or JSON file that the arbiter loaded; require hooks record CommonJS. */
export function recordLoaded(session: Session, url: string, output: LoadFnOutput): void {
  const path = localFileOf(url)
  const format = recordedFormat(output.format)
  if (
    session.role !== 'arbiter' ||
    path === undefined ||
    isCompiled(path) ||
    format === undefined ||
    output.source == null
  )
    return
  const code =
    typeof output.source === 'string' ? output.source : Buffer.from(bytesOf(output.source)).toString('utf8')
  keep(session, () => session.store.save({ path, format, code, exports: [], reexports: [] }))
}

export interface ImportRequest {
  readonly specifier: string
  readonly parentURL: string | undefined
}

function resolved(session: Session, { specifier, parentURL }: ImportRequest, url: string): ResolveFnOutput {
  const parent = localFileOf(parentURL)
  const path = session.role === 'arbiter' && parent !== undefined ? localFileOf(url) : undefined
  if (parent !== undefined && path !== undefined)
    recordResolution(session, parent, splitQuery(specifier)[0], path)
  return isJsonImport(url, parentURL)
    ? {
        url: inheritGeneration(jsonModuleUrl(url), parentURL),
        format: 'module',
        importAttributes: {},
        shortCircuit: true,
      }
    : { url: inheritGeneration(url, parentURL), shortCircuit: true }
}

// Only a path has a query; in the name of a package '#' and '?' have other meanings.
function splitQuery(specifier: string): readonly [request: string, suffix: string] {
  const [, path = specifier, suffix = ''] = /^(\.[^?#]*|\/[^?#]*)([?#].*)$/.exec(specifier) ?? []
  return [path, suffix]
}

function recordedFormat(format: unknown): StoredFormat | undefined {
  return format === 'module' || format === 'json' ? format : undefined
}

function bytesOf(source: ArrayBuffer | NodeJS.TypedArray): Uint8Array {
  return source instanceof ArrayBuffer
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
}
