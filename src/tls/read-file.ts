// Runs in the arbiter and the command line: reads a file of a certificate or a key, and says why it cannot be
// read, and by whom.

import { constants } from 'node:fs'
import { access, open, readlink, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from '../os/error-code.ts'
import { thisUser } from '../os/file-problem.ts'
import { messageOf } from '../os/error-message.ts'

/** Bytes. The largest list of authorities has less than half of it. */
const largest = 1_048_576

/** The file cannot be read. The message says why, without the path. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

export interface ReadFile {
  readonly bytes: Buffer
  /** Whether any user of this machine may read it. */
  readonly isOpenToAll: boolean
}

/** Rejects with an UnreadableFile. */
export async function readTlsFile(path: string): Promise<ReadFile> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK) // a FIFO would block
    try {
      const stat = await handle.stat()
      if (!stat.isFile()) throw new UnreadableFile(stat.isDirectory() ? 'it is a directory' : 'it is no file')
      if (stat.size > largest) throw new UnreadableFile('it is larger than 1 MiB')
      return { bytes: await handle.readFile(), isOpenToAll: (stat.mode & 0o004) !== 0 }
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof UnreadableFile) throw error
    throw new UnreadableFile(await reasonOf(path, error), { cause: error })
  }
}

async function reasonOf(path: string, error: unknown): Promise<string> {
  const code = errorCode(error) ?? ''
  if (code === 'ENOENT' || code === 'ENOTDIR') return missing(path)
  if (code === 'ELOOP') return 'it is a link that leads back to itself'
  if (code !== 'EACCES' && code !== 'EPERM') return messageOf(error)
  const blocking = await closedDirectory(await realpath(path).catch(() => path))
  return (
    `permission denied: ${thisUser()} may not ` +
    (blocking === undefined ? 'read it' : `enter the directory ${blocking}`)
  )
}

async function missing(path: string): Promise<string> {
  const target = await readlink(path).catch(() => undefined) // it is no link
  return target === undefined ? 'it does not exist' : `it is a link to ${target}, which does not exist`
}

/** The first directory on the way that this user may not enter. */
async function closedDirectory(path: string): Promise<string | undefined> {
  const parent = dirname(path)
  if (parent === path) return undefined
  const above = await closedDirectory(parent)
  if (above !== undefined) return above
  return access(parent, constants.X_OK).then(
    () => undefined,
    () => parent,
  )
}
