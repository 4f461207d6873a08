// Runs in the arbiter: the file of a unix socket. A stale one is replaced, anything else at the path is left
// alone, and only the file that this server made is removed again.

import { chownSync, lstatSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { bindUnix, type SocketHandle } from '../os/system/handles.ts'
import type { NativeCalls } from '../os/system/native.ts'
import { codeOf } from './bind-error.ts'

export interface UnixOptions {
  readonly umask: number
  /** Who owns the file, if not this process's user. */
  readonly owner: { readonly uid: number | undefined; readonly gid: number | undefined }
  readonly native: NativeCalls | undefined
}

/** Which file it is: another server may put its own at the same path. */
export interface MadeFile {
  readonly path: string
  readonly dev: number
  readonly ino: number
}

export interface BoundPath {
  readonly handle: SocketHandle
  readonly file: MadeFile
}

/**
 * The path is bound as it was written, because sun_path is short; it is reported and removed as an absolute
 * one.
 */
export async function bindUnixPath(path: string, options: UnixOptions): Promise<BoundPath> {
  await removeStaleSocket(path)
  const handle = bindWithUmask(path, options)
  const absolute = resolve(path)
  const { dev, ino } = lstatSync(absolute)
  const file = { path: absolute, dev, ino }
  try {
    const { uid = -1, gid = -1 } = options.owner
    if (uid !== -1 || gid !== -1) chownSync(absolute, uid, gid)
  } catch (error) {
    handle.close()
    removeOwnSocket(file)
    throw error
  }
  return { handle, file }
}

function bindWithUmask(path: string, { umask, native }: UnixOptions): SocketHandle {
  const before = process.umask(umask)
  try {
    return bindUnix(path, native)
  } finally {
    process.umask(before)
  }
}

/**
 * A socket that nobody answers on is left over from a server that was killed. Anything else at the path is
 * not ours to remove.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isSocket())
    throw new Error('there is a file at this path that is no socket; remove it or choose another path')
  if (await answers(path))
    throw Object.assign(new Error('another server answers on this socket'), { code: 'EADDRINUSE' })
  rmSync(path, { force: true }) // gone already if its server ended meanwhile
}

/** EAGAIN: its backlog is full (connect(2)); EPROTOTYPE: it is a datagram socket, which cannot be asked. */
const answerOf: Readonly<Record<string, boolean>> = {
  ECONNREFUSED: false,
  ENOENT: false,
  EAGAIN: true,
  EPROTOTYPE: true,
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error) => {
      const answer = answerOf[codeOf(error) ?? '']
      if (answer === undefined) reject(error)
      else resolve(answer)
    })
  })
}

/** Another server may have put its own socket there meanwhile: that one stays. */
export function removeOwnSocket({ path, dev, ino }: MadeFile): void {
  const now = lstatSync(path, { throwIfNoEntry: false })
  if (now?.ino === ino && now.dev === dev) rmSync(path, { force: true })
}
