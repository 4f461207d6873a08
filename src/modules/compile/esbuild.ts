// Arbiter and workers, main and hook thread. Loads esbuild so that it works for as long as the process lives,
// also when the files of its package are removed or replaced: by the next release, or by `npm ci`.
import { existsSync, openSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as Esbuild from 'esbuild'
import { mayChangeUser } from '../../os/process/worker-mark.ts'

const require = createRequire(import.meta.url)

/** Read by esbuild once, when it is loaded. */
export const variables = { threads: 'ESBUILD_WORKER_THREADS', binary: 'ESBUILD_BINARY_PATH' } as const

/**
 * Returns esbuild, which is loaded at the first call. Its synchronous calls would start a thread and a
 * process that stay until the exit. Without threads each call is a process that exits when the call returns.
 */
export function requireEsbuild(): typeof Esbuild {
  const path = require.resolve('esbuild')
  const loaded = require.cache[path]
  // Parse boundary: require() is untyped.
  return (loaded === undefined ? loadEsbuild(path) : loaded.exports) as typeof Esbuild
}

function loadEsbuild(path: string): unknown {
  const binary = process.env[variables.binary] ?? openBinary(path)
  const values = { [variables.threads]: '0', [variables.binary]: binary }
  // esbuild starts its processes in the working directory of this moment.
  return inRoot(() => withVariables(values, () => require(path)))
}

/** Runs a function that takes `/` for the working directory, which may be a release that was removed. */
export function inRoot<Result>(run: () => Result): Result {
  const { cwd } = process
  process.cwd = () => '/'
  try {
    return run()
  } finally {
    process.cwd = cwd
  }
}

/**
 * Opens the program of esbuild for good and returns a path that leads to this open file, whatever its own
 * path leads to later. Undefined where there is no such path (other systems than Linux), or esbuild reports
 * itself what is missing.
 */
function openBinary(esbuild: string): string | undefined {
  if (process.platform !== 'linux' || mayChangeUser() || hasChangedUser()) return undefined
  try {
    const path = `/proc/${process.pid}/fd/${openSync(programOf(esbuild), 'r')}`
    return existsSync(path) ? path : undefined // false without /proc, or in a process that may not be traced
  } catch {
    return undefined // no such package, or no descriptor: esbuild is found by its path, or reports why not
  }
}

/** After setuid(2) the open files in /proc are root's: this process may open them, its children may not. */
function hasChangedUser(): boolean {
  const ofProcess = statSync(`/proc/${process.pid}`, { throwIfNoEntry: false })
  return ofProcess !== undefined && ofProcess.uid !== process.geteuid?.()
}

/** The path of esbuild's own program. Throws when its package for this platform is not installed. */
export function programOf(esbuild = require.resolve('esbuild')): string {
  const { platform, arch } = process
  return createRequire(esbuild).resolve(`@esbuild/${platform}-${arch}/bin/esbuild`)
}

function withVariables<Result>(values: NodeJS.ProcessEnv, run: () => Result): Result {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const)
  for (const [name, value] of Object.entries(values)) setVariable(name, value)
  try {
    return run()
  } finally {
    for (const [name, value] of before) setVariable(name, value)
  }
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name)
  else process.env[name] = value
}
