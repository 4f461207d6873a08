// The beginning of a single executable, in each of its processes: master, worker, task, helper. Node embeds
// it as CommonJS that can only require modules of Node. It makes sure that the files of the program are
// there, and runs one of them: the one that its first word names, as `node FILE` would, or else the program.

import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { getAsset, getRawAsset } from 'node:sea'
import { pathToFileURL } from 'node:url'
import { executableMark, versionVariable } from '../../os/process/own-program.ts'
import { isWhole, requireSafe, unpacked } from './places.ts'

/** The program of another build: the executable was replaced, and its new file is started for an upgrade. */
const otherProgram = /\/tsgun-[^/]+-[0-9a-f]{16}\/index\.js$/

function begin(): void {
  const [, , ...words] = process.argv
  if (words[0] === '--version' && process.env[versionVariable] === '1') {
    process.stdout.write(`${process.version}\n`)
    return
  }
  const name = getAsset('name', 'utf8')
  const packed = (): Buffer => Buffer.from(getRawAsset('pack') as ArrayBuffer) // an asset is binary
  const [first = ''] = words
  const named = ownFile(first, name)
  if (named === undefined && process.send !== undefined && isScript(first))
    throw new Error(`${first} is not a module of this executable, which runs no others (child_process.fork)`)
  const directory = named ?? unpacked(name, packed, process.env)
  if (named !== undefined) {
    requireSafe(named)
    // Temporary directories are cleaned while a server runs.
    if (!isWhole(named, packed())) unpackedAgain(named, packed)
  }
  Object.defineProperty(globalThis, executableMark, { value: true })
  // The file of this process, also after another one has replaced it at its path.
  if (process.platform === 'linux') process.execPath = '/proc/self/exe'
  const isProgram = named === undefined || first === join(directory, 'index.js')
  const file = isProgram ? join(directory, 'index.js') : first
  const rest = named !== undefined || otherProgram.test(first) ? words.slice(1) : words
  process.argv = [process.execPath, file, ...rest]
  const load = createRequire(join(directory, 'index.js'))
  const { run } = load('./start.cjs') as { run(url: string): void } // written by tsgun build
  delete process.env[versionVariable]
  run(pathToFileURL(file).href)
}

/** What an app starts with child_process.fork(): the program itself is not meant. */
function isScript(word: string): boolean {
  return /^\/.*\.[cm]?js$/.test(word) && !otherProgram.test(word)
}

function unpackedAgain(directory: string, packed: () => Buffer): void {
  unpacked(directory.slice(dirname(directory).length + 1), packed, { TSGUN_UNPACK_DIR: dirname(directory) })
}

/** The directory of this build in the path of one of its files; undefined for any other word. */
function ownFile(word: string, name: string): string | undefined {
  const at = word.indexOf(`${sep}${name}${sep}`)
  return word.startsWith(sep) && at !== -1 ? word.slice(0, at + 1 + name.length) : undefined
}

try {
  begin()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
