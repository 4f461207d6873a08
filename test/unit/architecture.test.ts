// The import rules of the source tree, read from the source itself: which folder may know which, who may
// touch the system, no cycles.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '../../src')

/** Each folder with those that it may import besides itself; the files right in src are the folder ''. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  os: [],
  logging: [],
  listen: ['os'],
  modules: ['os'],
  config: ['os', 'listen', 'logging', 'modules'],
  ipc: ['os', 'config', 'logging'],
  app: ['config'],
  serving: ['os', 'config', 'logging', 'app'],
  worker: ['os', 'config', 'modules', 'ipc', 'logging', 'app', 'serving'],
  watch: ['os', 'config', 'ipc'],
  arbiter: ['os', 'config', 'modules', 'ipc', 'logging', 'listen', 'watch'],
  control: ['config', 'logging', 'listen', 'arbiter'],
  systemd: ['os', 'config', 'ipc', 'listen', 'logging', 'arbiter'],
  server: ['os', 'config', 'modules', 'ipc', 'logging', 'listen', 'arbiter', 'control', 'systemd', ''],
  cli: ['os', 'config', 'modules', 'ipc', 'logging', 'listen', 'arbiter', 'control', 'systemd', 'server', ''],
  '': ['config', 'logging', 'app'],
}

/** What only one folder may do, as text that gives it away. */
const reserved: readonly { readonly what: string; readonly pattern: RegExp; readonly folder: string }[] = [
  { what: 'load koffi', pattern: /['"]koffi['"]/, folder: 'os' },
  { what: 'start processes', pattern: /['"]node:child_process['"]/, folder: 'os' },
  { what: 'send signals', pattern: /(?<!#)\bprocess\.kill\(/, folder: 'os' },
  {
    what: 'use handles that Node keeps to itself',
    pattern: /_createServerHandle|process\.binding/,
    folder: 'os',
  },
  {
    what: 'use the module loader that Node keeps to itself',
    pattern: /_resolveFilename|_extensions/,
    folder: 'modules',
  },
  { what: 'watch files', pattern: /['"]chokidar['"]/, folder: 'watch' },
  { what: 'load zod', pattern: /from 'zod'/, folder: 'config' },
]

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const imports = new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]))

function importsOf(file: string, text: string): readonly Import[] {
  const found: Import[] = []
  for (const node of ts.createSourceFile(file, text, ts.ScriptTarget.Latest).statements) {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({
        specifier: node.moduleSpecifier.text,
        typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      })
    }
    if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly })
    }
  }
  return found
}

function folderOf(file: string): string {
  const [first = '', ...rest] = file.split('/')
  return rest.length === 0 ? '' : first
}

/** The file of src that an import means; undefined for a package. */
function target(file: string, { specifier }: Import): string | undefined {
  return specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : undefined
}

test(
  'every folder imports only what stands below it, and the arbiter and the worker side never each ' + 'other',
  () => {
    const wrong = [...imports].flatMap(([file, all]) => {
      const from = folderOf(file)
      const allowed = mayImport[from]
      assert.ok(allowed, `the folder ${from} is not in the table`)
      return all.flatMap((each) => {
        const to = target(file, each)
        if (to === undefined || folderOf(to) === from || allowed.includes(folderOf(to))) return []
        return [`${file} imports ${to}`]
      })
    })
    assert.deepEqual(wrong, [])
  },
)

test(
  'only one folder starts processes, sends signals, calls the system and uses what Node keeps to ' + 'itself',
  () => {
    const wrong = [...sources].flatMap(([file, text]) => {
      const code = text.replaceAll(/\/\/.*$|\/\*[\s\S]*?\*\//gm, '')
      return reserved
        .filter(({ pattern, folder }) => folderOf(file) !== folder && pattern.test(code))
        .map(({ what }) => `${file} may not ${what}`)
    })
    assert.deepEqual(wrong, [])
  },
)

test('no file imports itself by a detour', () => {
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file) || path.includes(file)) return
    for (const each of imports.get(file) ?? []) {
      const to = target(file, each)
      if (to !== undefined && !each.typeOnly) visit(to, [...path, file])
    }
    done.add(file)
  }
  for (const file of files) visit(file, [])
  assert.deepEqual(cycles, [])
})

test('a worker and what users import load neither zod, nor commander, nor cosmiconfig, nor pino', () => {
  const heavy = ['zod', 'commander', 'cosmiconfig', 'rotating-file-stream', 'pino', 'chokidar', 'picomatch']
  for (const entry of ['worker/main.ts', 'index.ts']) {
    const reached = reach(entry)
    const wrong = [...reached].flatMap((file) =>
      (imports.get(file) ?? [])
        .filter(({ specifier, typeOnly }) => !typeOnly && heavy.includes(specifier))
        .map(({ specifier }) => `${file} loads ${specifier}`),
    )
    assert.ok(reached.size > 1)
    assert.deepEqual(wrong, [])
  }
})

test('tsgunctl with --socket loads none of what takes time', () => {
  const heavy = ['zod', 'cosmiconfig', 'rotating-file-stream', 'pino', 'esbuild']
  const loaded = [...reach('cli/tsgunctl.ts')]
    .flatMap((file) => imports.get(file) ?? [])
    .filter(({ typeOnly }) => !typeOnly)
  assert.deepEqual(
    loaded.filter(({ specifier }) => heavy.includes(specifier)),
    [],
  )
})

/** Every file whose code runs when the entry is loaded. */
function reach(entry: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(entry)) return seen
  seen.add(entry)
  for (const each of imports.get(entry) ?? []) {
    const to = target(entry, each)
    if (to !== undefined && !each.typeOnly) reach(to, seen)
  }
  return seen
}

test('every file opens by saying where it runs or what it promises', () => {
  const silent = [...sources].filter(([, text]) => !text.startsWith('// ')).map(([file]) => file)
  assert.deepEqual(silent, [])
})
