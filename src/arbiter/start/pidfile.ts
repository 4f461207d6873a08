// Runs in the arbiter: the file with the master's process id. Written beside it and renamed, so that nobody
// reads half of it.

import { readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describeError } from '../../logging/records/describe-error.ts'
import { processExists } from '../../os/process/spawn.ts'

/** Another master lives, or the file cannot be written. */
export class PidfileError extends Error {
  override readonly name = 'PidfileError'
}

export class Pidfile {
  #path: string

  private constructor(path: string) {
    this.#path = path
  }

  get path(): string {
    return this.#path
  }

  /**
   * Throws a PidfileError when the file belongs to a process that runs. One of a process that is gone is
   * replaced.
   */
  static create(file: string): Pidfile {
    const path = resolve(file)
    const running = runningPid(path)
    if (running !== undefined) {
      throw new PidfileError(
        `a server already runs with the pidfile ${path}: process ${running}; stop it first (kill ` +
          `${running}), or choose another pidfile`,
      )
    }
    const temporary = `${path}.${process.pid}`
    try {
      writeFileSync(temporary, `${process.pid}\n`, { mode: 0o644, flag: 'wx' })
      renameSync(temporary, path)
    } catch (error) {
      throw new PidfileError(`cannot write the pidfile ${path}: ${describeError(error).message}`, {
        cause: error,
      })
    }
    return new Pidfile(path)
  }

  /**
   * Takes another name, which a process that is gone may have left behind. Answers why not, if it does not.
   */
  rename(file: string, gone: number): string | undefined {
    try {
      const to = resolve(file)
      const running = runningPid(to)
      if (running !== undefined && running !== gone) return `${to} is that of process ${running}`
      renameSync(this.#path, to)
      this.#path = to
      return undefined
    } catch (error) {
      return describeError(error).message
    }
  }

  /**
   * Removes the file. If that fails, or it no longer holds this process's id, it stays, and the reason is
   * answered.
   */
  remove(): string | undefined {
    try {
      const found = read(this.#path)
      if (found === undefined) return 'it is gone'
      if (found.trim() !== String(process.pid))
        return `it no longer holds this master's id (it holds ${JSON.stringify(found.trim().slice(0, 20))})`
      unlinkSync(this.#path)
      return undefined
    } catch (error) {
      return describeError(error).message
    }
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
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new PidfileError(`cannot read the pidfile ${path}: ${describeError(error).message}`, {
      cause: error,
    })
  }
}
