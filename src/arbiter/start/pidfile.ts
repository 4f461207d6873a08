// Runs in the arbiter: the setting `pidfile`, the file with the arbiter's process id, through the life of a
// arbiter. It is written beside the path and renamed, so that no reader sees half of it. The new arbiter of
// an upgrade has `.2` behind the name until it is the only one.

import { readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describeError } from '../../logging/records/describe-error.ts'
import { hasCode } from '../../os/error-code.ts'
import { fileProblem } from '../../os/file-problem.ts'
import { processExists } from '../../os/process/spawn.ts'
import type { Emit } from '../model/events.ts'

/** Another arbiter runs, or the file cannot be written. */
export class PidfileError extends Error {
  override readonly name = 'PidfileError'
}

export class Pidfile {
  readonly #name: string | null
  readonly #emit: Emit
  /** The path of the file that this process has made. */
  #path: string | undefined

  /** `name`: the setting. Nothing is written yet. */
  constructor(name: string | null, emit: Emit) {
    this.#name = name
    this.#emit = emit
  }

  /** Throws a PidfileError when the file belongs to a running process. A stale one is replaced. */
  create(suffix: string): void {
    if (this.#name === null) return
    const path = resolve(`${this.#name}${suffix}`)
    const running = runningPid(path)
    if (running !== undefined) {
      throw new PidfileError(
        `a server is already running with the pidfile ${path}: process ${running}; stop it first ` +
          `(kill ${running}), or choose another pidfile`,
      )
    }
    write(path)
    this.#path = path
  }

  /** Takes the name of the old arbiter, which may have left its file behind. `from`: its pid. */
  promote(from: number): void {
    if (this.#name === null || this.#path === undefined) return
    const problem = this.#rename(resolve(this.#name), from)
    if (problem !== undefined)
      this.#emit({ type: 'warning', message: `the pidfile keeps its name ${this.#name}.2: ${problem}` })
  }

  /** Removes the file, unless it no longer holds this process's id. */
  remove(): void {
    const path = this.#path
    this.#path = undefined
    if (path === undefined) return
    const found = removeOwn(path)
    if (found !== undefined) this.#emit({ type: 'pidfile_lost', path, found })
  }

  /** Returns why it could not be renamed. */
  #rename(to: string, from: number): string | undefined {
    try {
      const running = runningPid(to)
      if (running !== undefined && running !== from) return `${to} belongs to process ${running}`
      renameSync(this.#path ?? '', to)
      this.#path = to
      return undefined
    } catch (error) {
      return describeError(error).message
    }
  }
}

function write(path: string): void {
  const temporary = `${path}.${process.pid}`
  try {
    writeFileSync(temporary, `${process.pid}\n`, { mode: 0o644, flag: 'wx' })
    renameSync(temporary, path)
  } catch (error) {
    throw new PidfileError(`cannot write the pidfile ${path}: ${fileProblem(error, path)}`, {
      cause: error,
    })
  }
}

/** Returns why the file stays, if it does. */
function removeOwn(path: string): string | undefined {
  try {
    const found = read(path)
    if (found === undefined) return 'it no longer exists'
    const id = found.trim()
    if (id !== String(process.pid))
      return `it no longer holds this master's id (it holds ${JSON.stringify(id.slice(0, 20))})`
    unlinkSync(path)
    return undefined
  } catch (error) {
    return describeError(error).message
  }
}

function runningPid(path: string): number | undefined {
  const text = read(path)?.trim() ?? ''
  if (!/^\d+$/.test(text) || Number(text) === process.pid) return undefined
  return processExists(Number(text)) ? Number(text) : undefined
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw new PidfileError(`cannot read the pidfile ${path}: ${fileProblem(error, path)}`, {
      cause: error,
    })
  }
}
