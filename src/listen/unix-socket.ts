// Runs in the arbiter: the file of a unix socket. A stale socket is replaced, any other file at the path
// stays, and only the file that this server made is removed.

import { chownSync, lstatSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { errorCode } from '../os/error-code.ts'
import { bindUnix, type SocketHandle } from '../os/system/handles.ts'
import type { NativeCalls } from '../os/system/native.ts'

export interface UnixOptions {
  readonly umask: number
  /** The owner of the file; undefined: this process's user or group. */
  readonly owner: { readonly uid: number | undefined; readonly gid: number | undefined }
  readonly native: NativeCalls | undefined
}

/** Identifies the file: another server may put its own at the same path. */
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
 * Binds the path as it was written, because sun_path is short; `file` has the absolute path. Rejects when
 * another server listens there.
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
 * Removes a socket that refuses connections: it was left by a server that was killed. Rejects for a socket
 * that another server uses, and for any other file.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isSocket())
    throw new Error('the file at this path is not a socket; remove it or choose another path')
  if (await isListening(path))
    throw Object.assign(new Error('another server listens on this socket'), { code: 'EADDRINUSE' })
  rmSync(path, { force: true }) // `force`: its server may have removed it by now
}

/**
 * Errors of connect(2) that show whether a server listens. EAGAIN: its backlog is full; EPROTOTYPE: it is a
 * datagram socket, for which this cannot be checked.
 */
const listensByCode: Readonly<Record<string, boolean>> = {
  ECONNREFUSED: false,
  ENOENT: false,
  EAGAIN: true,
  EPROTOTYPE: true,
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error) => {
      const listens = listensByCode[errorCode(error) ?? '']
      if (listens === undefined) reject(error)
      else resolve(listens)
    })
  })
}

/** Removes the file, unless another server has put its own socket there. */
export function removeOwnSocket({ path, dev, ino }: MadeFile): void {
  const now = lstatSync(path, { throwIfNoEntry: false })
  if (now?.ino === ino && now.dev === dev) rmSync(path, { force: true })
}
