// Arbiter and workers, main and hook thread. Runs of esbuild that fail for another reason than the code: its
// program is of another version (after `npm ci`), may not be executed, or the system refuses a process.

import { isNativeError } from 'node:util/types'
import { requireDescriptors } from '../../os/limits/descriptors.ts'
import { findShortage } from '../../os/limits/shortage.ts'
import { ModuleRefusal } from '../files/refusal.ts'
import { programOf, variables } from './esbuild.ts'
import { esbuildMessages } from './syntax-error.ts'

/** Runs esbuild. What its program prints is a part of the error that is thrown. */
export function runEsbuild<Result>(run: () => Result): Result {
  try {
    return withoutStderr(run)
  } catch (error) {
    throw esbuildFailure(error)
  }
}

/** Of the pipes of a child process, at both ends, and of its start. */
const descriptors = 8

/** As `runEsbuild`, for its asynchronous calls, which do not say why: `probe` is a synchronous one. */
export async function awaitEsbuild<Result>(run: () => Promise<Result>, probe: () => void): Promise<Result> {
  try {
    // esbuild handles no failure of spawn() that leaves its child process without pipes
    requireDescriptors(descriptors)
    return await run()
  } catch (error) {
    if (esbuildMessages(error) === undefined) runEsbuild(probe)
    throw esbuildFailure(error)
  }
}

/** Returns the error to throw: itself if it is about the code. */
function esbuildFailure(error: unknown): unknown {
  if (!isAboutRun(error)) return error
  const { reason, remedy } = explain(error)
  return new ModuleRefusal(`esbuild, which compiles TypeScript, cannot run: ${reason}; ${remedy}`)
}

/** Of Node's spawn functions, and of esbuild's own checks of its installation and its process. */
const aboutRun = new RegExp(
  '^(?:spawn|E[MN]FILE: |Command failed: |The service |Cannot start service|' +
    'The package "@esbuild/|\\n?You installed esbuild for another platform)',
)

function isAboutRun(error: unknown): error is Error {
  return isNativeError(error) && esbuildMessages(error) === undefined && aboutRun.test(error.message)
}

interface Explanation {
  readonly reason: string
  readonly remedy: string
}

const reinstall = 'run npm ci on this platform, without --omit=optional, then start tsgun again'

interface Row {
  readonly pattern: RegExp
  explain(found: readonly string[]): Explanation
}

/** What is distinguished, by the text of the error: the first that matches. */
const rows: readonly Row[] = [
  {
    pattern: /Host version "([^"]*)" does not match binary version "([^"]*)"/,
    explain: ([, host, program]) => ({
      reason: `its program${programPath()} is of version ${program}, and its package of ${host}`,
      remedy: named() ? unset : 'run npm ci, then start tsgun again',
    }),
  },
  {
    pattern: /\bEACCES\b/,
    explain: () => ({
      reason: `its program${programPath()} may not be executed (EACCES)`,
      remedy: 'check its mode, and that its file system is not mounted with noexec',
    }),
  },
  {
    pattern: /\bENOENT\b|The package "@esbuild\/|another platform/,
    explain: () => ({
      reason: `its program for ${process.platform}-${process.arch} is missing`,
      remedy: named() ? unset : reinstall,
    }),
  },
  {
    pattern: /\b(EMFILE|ENFILE|ENOMEM|EAGAIN)\b/,
    explain: ([, code = '']) => shortage(code),
  },
  { pattern: /newosproc|pthread_create|new OS thread/, explain: () => shortage('EAGAIN') },
  { pattern: /out of memory|cannot allocate memory/i, explain: () => shortage('ENOMEM') },
]

function explain(error: Error): Explanation {
  // a program that exits at once may leave only EPIPE in the message
  const text = 'stderr' in error ? `${error.message}\n${String(error.stderr)}` : error.message
  for (const row of rows) {
    const found = row.pattern.exec(text)
    if (found !== null) return row.explain(found)
  }
  return {
    reason: `its process${programPath()} ended (${error.message.split('\n')[0] ?? ''})`,
    remedy: 'check the limits of memory and processes: ulimit -v, ulimit -u, and those of the cgroup',
  }
}

function shortage(code: string): Explanation {
  const { what, remedy } = findShortage(code, 'spawn') ?? { what: code, remedy: '' }
  return { reason: what, remedy }
}

const unset = `unset ${variables.binary}`

function named(): boolean {
  return process.env[variables.binary] !== undefined
}

function programPath(): string {
  try {
    return ` ${process.env[variables.binary] ?? programOf()}`
  } catch {
    return '' // no such package: the message does without
  }
}

/** Node writes what a failed child process has printed to our standard error too. */
function withoutStderr<Result>(run: () => Result): Result {
  const { stderr } = process
  const own = Object.getOwnPropertyDescriptor(stderr, 'write')
  stderr.write = () => true
  try {
    return run()
  } finally {
    if (own === undefined) Reflect.deleteProperty(stderr, 'write')
    else Object.defineProperty(stderr, 'write', own)
  }
}
