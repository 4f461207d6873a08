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
  tls: ['os'],
  logging: ['os'],
  listen: ['os'],
  sharing: ['os'],
  modules: ['os'],
  config: ['os', 'tls', 'listen', 'logging', 'modules'],
  ipc: ['os', 'tls', 'config', 'logging', 'sharing'],
  app: ['os', 'config'],
  tasks: ['os', 'config', 'logging', 'app'],
  services: ['os', 'bus', 'app', 'config'],
  acme: ['os', 'tls', 'ipc'],
  bus: ['os', 'ipc', 'logging', 'tasks'],
  serving: ['os', 'tls', 'config', 'logging', 'app'],
  worker: [
    'os',
    'tls',
    'config',
    'modules',
    'ipc',
    'logging',
    'sharing',
    'app',
    'serving',
    'services',
    'tasks',
    'bus',
  ],
  watch: ['os', 'config', 'ipc'],
  arbiter: ['os', 'tls', 'config', 'modules', 'ipc', 'logging', 'listen', 'sharing', 'tasks', 'watch'],
  control: ['os', 'config', 'logging', 'listen', 'arbiter'],
  systemd: ['os', 'config', 'ipc', 'listen', 'logging', 'arbiter'],
  doctor: ['os', 'tls', 'config', 'modules', 'listen', 'logging'],
  server: [
    'os',
    'tls',
    'config',
    'modules',
    'ipc',
    'logging',
    'listen',
    'doctor',
    'arbiter',
    'control',
    'systemd',
    '',
  ],
  setup: ['os', 'config', 'ipc'],
  build: ['os', 'config', 'modules', 'ipc'],
  contract: ['os', 'config', 'ipc'],
  cli: [
    'os',
    'config',
    'modules',
    'ipc',
    'logging',
    'listen',
    'arbiter',
    'control',
    'systemd',
    'server',
    'setup',
    'doctor',
    'build',
    '',
  ],
  '': [
    'os',
    'config',
    'ipc',
    'logging',
    'sharing',
    'services',
    'tasks',
    'bus',
    'app',
    'serving',
    'control',
    'server',
  ],
}

/** The rooms of the arbiter with those that each may import: deciding rooms never import report/. */
const arbiterRooms: Readonly<Record<string, readonly string[]>> = {
  model: [],
  pool: ['model'],
  acme: ['model'],
  bus: ['model', 'pool', 'upgrade'],
  tls: ['model', 'acme'],
  services: ['model', 'pool'],
  schedules: ['model', 'pool', 'services'],
  tasks: ['model', 'pool'],
  reload: ['model', 'pool', 'services', 'schedules', 'tasks', 'tls'],
  stop: ['model', 'pool', 'services'],
  preload: ['model', 'pool'],
  upgrade: ['model', 'services'],
  report: ['model'],
  loop: ['model', 'pool', 'services', 'schedules', 'tasks', 'reload', 'stop'],
  start: ['model', 'loop'],
}

/** Rooms that belong to the arbiter's process alone. */
const arbiterOnly: readonly string[] = ['logging/files', 'logging/rotation', 'logging/capture']

/** Who else uses a room of the arbiter, by folder. */
const usersOfArbiter: Readonly<Record<string, readonly string[]>> = {
  control: ['model', 'report', 'start'],
  systemd: ['model'],
  cli: ['reload'],
}

/** Rooms that one file of composition may know more of than any other file. */
const mostRooms = 12

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

/** The innermost folder that is a room: two levels at most. */
function roomOf(file: string): string {
  return file.split('/').slice(0, -1).slice(0, 2).join('/')
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

test('the rooms of the arbiter import only what stands below them, and others only what they read', () => {
  const wrong = eachImport().filter(({ from, to }) => {
    if (!to.startsWith('arbiter/') || roomOf(from) === roomOf(to)) return false
    const allowed = from.startsWith('arbiter/')
      ? arbiterRooms[roomOf(from).slice('arbiter/'.length)]
      : usersOfArbiter[folderOf(from)]
    return folderOf(from) !== 'server' && allowed?.includes(roomOf(to).slice('arbiter/'.length)) !== true
  })
  assert.deepEqual(wrong, [])
})

test('the worker side never imports what writes or rotates log files', () => {
  const wrong = eachImport().filter(
    ({ from, to }) =>
      ['worker', 'serving', 'app'].includes(folderOf(from)) && arbiterOnly.includes(roomOf(to)),
  )
  assert.deepEqual(wrong, [])
})

test('nothing but composition imports from everywhere', () => {
  const wide = files.filter((file) => new Set(targetsOf(file).map(roomOf)).size > mostRooms)
  assert.deepEqual(
    wide.filter((file) => folderOf(file) !== 'server'),
    [],
  )
})

test('no file and no room imports itself by a detour, types included', () => {
  const byFile = new Map(files.map((file) => [file, targetsOf(file)]))
  assert.deepEqual(cyclesIn(byFile), [])
  const byRoom = new Map<string, Set<string>>()
  for (const { from, to } of eachImport()) {
    const targets = byRoom.get(roomOf(from)) ?? new Set()
    byRoom.set(roomOf(from), targets)
    if (roomOf(to) !== roomOf(from)) targets.add(roomOf(to))
  }
  assert.deepEqual(cyclesIn(byRoom), [])
})

function targetsOf(file: string): readonly string[] {
  return (imports.get(file) ?? []).flatMap((each) => target(file, each) ?? [])
}

/** Every import of one file of src by another. */
function eachImport(): readonly { readonly from: string; readonly to: string }[] {
  return files.flatMap((from) => targetsOf(from).map((to) => ({ from, to })))
}

/** Each circle once, as a path that ends where it begins. */
function cyclesIn(graph: ReadonlyMap<string, Iterable<string>>): readonly string[] {
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) cycles.push([...path.slice(path.indexOf(node)), node].join(' -> '))
    if (done.has(node) || path.includes(node)) return
    for (const next of graph.get(node) ?? []) visit(next, [...path, node])
    done.add(node)
  }
  for (const node of graph.keys()) visit(node, [])
  return cycles
}

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
