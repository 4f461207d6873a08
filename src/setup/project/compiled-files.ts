// Whether the project's own build would compile a new TypeScript file beside package.json: then `tsc` writes
// to dist/src/ instead of dist/, or fails because of `rootDir`. Pure.

import { isRecord } from '../../os/type-checks.ts'
import type { Project } from './project.ts'

/** Of `nest build` first. */
const configs = ['tsconfig.build.json', 'tsconfig.json']

/** Returns the tsconfig that includes every TypeScript file of the directory and writes JavaScript. */
export function compilesRoot(project: Pick<Project, 'read' | 'package'>): string | undefined {
  const scripts = Object.values(project.package?.scripts ?? {})
  if (!scripts.some((script) => /\b(?:tsc|nest)\b/.test(script))) return undefined
  return configs.find((file) => {
    const settings = read(project, file)
    return settings !== undefined && includesRoot(settings) && writes(settings)
  })
}

interface Settings {
  readonly include: readonly unknown[] | undefined
  readonly hasFiles: boolean
  readonly options: Readonly<Record<string, unknown>>
}

function read(project: Pick<Project, 'read'>, file: string, depth = 0): Settings | undefined {
  const value = parse(project.read(file))
  if (value === undefined || depth > 5) return undefined
  const { extends: bases, include, files, compilerOptions } = value
  const inherited = [bases]
    .flat()
    .filter((base): base is string => typeof base === 'string' && base.startsWith('./'))
    .flatMap((base) => read(project, base.endsWith('.json') ? base : `${base}.json`, depth + 1) ?? [])
  const own = isRecord(compilerOptions) ? compilerOptions : {}
  return {
    include: Array.isArray(include) ? include : inherited.findLast((base) => base.include)?.include,
    hasFiles: files !== undefined || inherited.some(({ hasFiles }) => hasFiles),
    options: Object.assign({}, ...inherited.map(({ options }) => options), own) as Settings['options'],
  }
}

function includesRoot({ include, hasFiles }: Settings): boolean {
  if (include === undefined) return !hasFiles
  return include.some(
    (pattern) =>
      typeof pattern === 'string' && /^(?:\.\/)?(?:\.|\*\*\/\*|\*|\*\*)(?:\.[cm]?ts)?$/.test(pattern),
  )
}

function writes({ options }: Settings): boolean {
  const { noEmit, outDir, rootDir, emitDeclarationOnly } = options
  return noEmit !== true && emitDeclarationOnly !== true && (outDir !== undefined || rootDir !== undefined)
}

/** JSON with comments and trailing commas. Undefined when it cannot be read: then nothing is known. */
function parse(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const plain = text
    ?.replace(/^\ufeff/, '')
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[^]*?\*\//g, (_, string?: string) => string ?? '')
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, string?: string) => string ?? '')
  try {
    const value: unknown = JSON.parse(plain ?? '')
    return isRecord(value) ? value : undefined
  } catch {
    return undefined // tsc reports it
  }
}
