// Arbiter and workers. What `import` does with the user's own code, as plain functions: the same for Node's
// hook thread (Node 20) and for hooks in the main thread (22.15 and later), which differ only in who waits
// for Node's own answer.
import type { LoadFnOutput, ResolveFnOutput } from 'node:module'
import { pathToFileURL } from 'node:url'
import { hasCode } from '../os/error-code.ts'
import { facadeOf } from './facade.ts'
import type { StoredFormat } from './pack.ts'
import { fileOf, inheritGeneration, isCompiled, localFileOf } from './paths.ts'
import { NOT_FOUND, pathOf, recordResolution, resolveFirst, resolveLast } from './resolution.ts'
import { isStored, keep, provide, seeUrl, type Session } from './session.ts'

/** An answer instead of Node's, undefined to ask Node. */
export function resolveBeforeNode(
  session: Session,
  specifier: string,
  parentURL: string | undefined,
): ResolveFnOutput | undefined {
  const named = fileOf(specifier)
  // An absolute URL names a stored file even when the disk no longer has it.
  if (named !== undefined && isStored(session, named))
    return { url: inheritGeneration(specifier, parentURL), shortCircuit: true }
  const parent = localFileOf(parentURL)
  if (parent === undefined) return undefined
  const [request, suffix] = splitQuery(specifier)
  const path = resolveFirst(session, parent, request)
  return path === undefined
    ? undefined
    : resolved(session, { specifier, parentURL }, pathToFileURL(path).href + suffix)
}

/** Node's answer, completed. */
export function resolveAfterNode(
  session: Session,
  request: ImportRequest,
  output: ResolveFnOutput,
): ResolveFnOutput {
  return localFileOf(output.url) === undefined
    ? output
    : { ...output, ...resolved(session, request, output.url) }
}

/** An answer after Node found nothing; throws Node's error when there is none. */
export function resolveWithoutNode(
  session: Session,
  { specifier, parentURL }: ImportRequest,
  error: unknown,
): ResolveFnOutput {
  const parent = localFileOf(parentURL)
  const [request, suffix] = splitQuery(specifier)
  const path =
    parent !== undefined && hasCode(error, ...NOT_FOUND) ? resolveLast(session, parent, request) : undefined
  if (path === undefined) {
    const missing = parent === undefined ? undefined : pathOf(parent, request)
    if (missing !== undefined) session.see?.(missing)
    throw error
  }
  return resolved(session, { specifier, parentURL }, pathToFileURL(path).href + suffix)
}

/** What to run for a URL instead of what is on disk, undefined to ask Node. */
export function loadBeforeNode(session: Session, url: string): LoadFnOutput | undefined {
  seeUrl(session, url)
  const path = localFileOf(url)
  const module = path === undefined ? undefined : provide(session, path)
  if (module === undefined) return undefined
  if (module.format === 'module') return { format: 'module', source: module.code, shortCircuit: true }
  if (module.format === 'json') return { format: 'json', source: module.code, shortCircuit: true }
  return { format: 'module', source: facadeOf(session, module), shortCircuit: true }
}

/**
 * Records in the arbiter the plain ES module or JSON that Node loaded. CommonJS is recorded by its require
 * handler.
 */
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
  // TypeScript needs no attribute for JSON in most of its settings, Node always does.
  const json = url.endsWith('.json') && parent !== undefined && isCompiled(parent)
  return {
    url: inheritGeneration(url, parentURL),
    shortCircuit: true,
    ...(json ? { importAttributes: { type: 'json' } } : {}),
  }
}

// Only a path can have a query; a package's name may hold a '#' or '?' at its start that means something
// else.
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
