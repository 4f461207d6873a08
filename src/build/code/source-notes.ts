// Runs in `tsgun build`: what a module of the user finds by a path while it runs, which is not in the build
// by itself: files beside it, threads, other programs. It is searched in the code as esbuild writes it:
// without comments, and in one style.

import { transform, type Loader } from 'esbuild'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, join } from 'node:path'

export interface SourceNote {
  /** From 1. */
  readonly line: number
  /** The place in the code. */
  readonly code: string
  /** The file or folder that it names, if it is written there; absolute. */
  readonly names: string | undefined
  readonly kind: keyof typeof remedies
}

/** What is not in the build, and what helps. */
export const remedies = {
  thread:
    'a thread that is started by the path of its file; make it a task (docs/run/tasks.md), or add the ' +
    'JavaScript file',
  program: 'a process that is started by the path of its file; add the JavaScript file',
  file: 'a path beside the module; add the file or folder',
  require: 'what it requires is not bundled; use import, or add the file or the package',
} as const

const own = '(?:import\\.meta\\.(?:url|dirname|filename)|__dirname|__filename)'
const text = '"((?:[^"\\\\]|\\\\.)*)"'

/** A file that the code names in one of the usual ways. */
const named = `(?:new URL\\(${text}, ${own}\\)|(?:\\w+\\.)?(?:join|resolve)\\(${own}, ${text}\\))`

/** In the order in which they are tried: the first one that matches at a place counts. */
const patterns: readonly (readonly [keyof typeof remedies, RegExp])[] = [
  ['thread', new RegExp(`\\bnew (?:\\w+\\.)?Worker\\((?:${named}|[^)]*\\)?)`, 'g')],
  ['program', new RegExp(`(?<![\\w.])(?:\\w+\\.)?fork\\((?!\\))(?:${named}|[^)]*\\)?)`, 'g')],
  ['require', /(?<!function )\bcreateRequire\((?:[^()]|\(\))*\)/g],
  ['file', new RegExp(named, 'g')],
  ['file', new RegExp(own, 'g')],
]

/** What means nothing but the module or its directory itself. */
const harmless = [
  /\b(?:const|let|var) __(?:file|dir)name\d* = .*/,
  /\bchdir: (?:import\.meta\.dirname|__dirname)\b/,
  /\bfileURLToPath\(import\.meta\.url\) ===? process\.argv\[1\]/,
  /\bprocess\.argv\[1\] ===? .*\bimport\.meta\.(?:url|filename)\b/,
  /\bimport\.meta\.(?:url|filename) ===? .*\bprocess\.argv\[1\].*/,
]

const worthLooking = /\bimport\s*\.\s*meta\b|\b__(?:file|dir)name\b|\bWorker\b|\bfork\b|\bcreateRequire\b/

/** Empty for a file that does not compile, which is reported by others. */
export async function sourceNotes(source: string, file: string, loader: Loader): Promise<SourceNote[]> {
  if (!worthLooking.test(source)) return []
  const { code, map } = await transform(source, {
    loader,
    sourcefile: file,
    sourcemap: 'external',
    legalComments: 'none',
    logLevel: 'silent',
  }).catch(() => ({ code: '', map: '' }))
  if (code === '') return []
  // Offsets stay what they are.
  const blank = (found: string): string => ' '.repeat(found.length)
  let rest = harmless.reduce((left, each) => left.replace(new RegExp(each, 'g'), blank), code)
  const lineOf = lineFinder(code, map)
  const notes: SourceNote[] = []
  for (const [kind, pattern] of patterns) {
    if (kind === 'program' && !/["'](?:node:)?child_process["']/.test(code)) continue
    for (const { 0: found, 1: inUrl, 2: joined, index } of rest.matchAll(pattern)) {
      const path = inUrl ?? joined
      const names = path === undefined ? undefined : join(dirname(file), path)
      notes.push({ kind, code: found.replace(/\s+/g, ' ').slice(0, 80), names, line: lineOf(index) })
    }
    rest = rest.replace(pattern, blank)
  }
  return notes.sort((one, other) => one.line - other.line)
}

/** Returns the line in the source, from 1, of an offset in the code. */
function lineFinder(code: string, map: string): (offset: number) => number {
  const found = new SourceMap(JSON.parse(map) as SourceMapPayload) // made by esbuild
  return (offset) => {
    const before = code.slice(0, offset).split('\n')
    const entry = found.findEntry(before.length - 1, before.at(-1)?.length ?? 0)
    return 'originalLine' in entry ? entry.originalLine + 1 : 1
  }
}
