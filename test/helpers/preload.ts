// An app for tests of preload(): it shares one of everything, and shows what a worker sees.

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Project } from './tsgun.ts'

/** `preload()` counts its runs in the file `runs`. Ask `/` for what a worker sees, `/write` to change it. */
export const sharingApp = `
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shared, type PreloadContext } from 'tsgun'

export async function preload(context: PreloadContext) {
  appendFileSync('runs', process.pid + '\\n')
  writeFileSync(join(context.directory, 'part'), 'of a model')
  const table = new Float32Array(4 * 1024 * 1024).fill(readFileSync('value', 'utf8').length)
  return {
    by: process.pid,
    table,
    half: table.subarray(table.length / 2),
    names: new Map([['one', { nr: 1 }]]),
    file: await context.file(Buffer.from('a file')),
    directory: context.directory,
  }
}

const { by, table, half, names, file, directory } = shared<typeof preload>()

export default (req: { url: string }, res: { end(text: string): void }) => {
  if (req.url === '/write') half[0] = 99
  const read = readFileSync(file.path, 'latin1')
  const part = readFileSync(join(directory, 'part'), 'latin1')
  res.end(
    JSON.stringify({ pid: process.pid, by, length: table.length, first: table[0], middle: table[table.length / 2],
      name: names.get('one'), read, bytes: file.bytes().toString(), path: file.path, part, directory }),
  )
}
`

export interface Seen {
  readonly pid: number
  /** The process that ran preload(). */
  readonly by: number
  readonly length: number
  readonly first: number
  readonly middle: number
  readonly name: unknown
  readonly read: string
  readonly bytes: string
  readonly path: string
  readonly part: string
  readonly directory: string
}

/** The processes in which preload() has run so far. */
export function runsOf(project: Project): readonly string[] {
  return existsSync(project.path('runs')) ? project.read('runs').trimEnd().split('\n') : []
}

/** How many descriptors of shared memory a process has open. */
export function memoryDescriptors(pid: number): number {
  const directory = `/proc/${pid}/fd`
  const targets = readdirSync(directory).map((fd) => targetOf(`${directory}/${fd}`))
  return targets.filter((target) => target.includes('memfd:tsgun-generation')).length
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return '' // closed meanwhile
  }
}

/** Shared memory in the resident memory of a process, in bytes (proc(5)). */
export function sharedBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^RssShmem:\s+(\d+)/m.exec(status)?.[1]) * 1024
}

/** Node.js without koffi: the value of NODE_OPTIONS for it. */
export function withoutKoffi(project: Project): string {
  project.write(
    'no-koffi.cjs',
    `const Module = require('node:module')
const load = Module._load
Module._load = (name, ...rest) => {
  if (name === 'koffi') throw new Error('no koffi here')
  return load(name, ...rest)
}\n`,
  )
  return `--require ${project.path('no-koffi.cjs')}`
}
