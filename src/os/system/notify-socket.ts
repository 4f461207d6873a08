// Runs in the arbiter: the socket at which a program says that it is ready, as sd_notify(3) describes it.
// Node has no datagram sockets of this kind.

import { closeSync, mkdtempSync, rmSync, chownSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bindKoffi, checkedBy } from './koffi.ts'
import { unixBinder } from './unix-sockets.ts'

export interface NotifySocket {
  /** The value of NOTIFY_SOCKET. */
  readonly path: string
  /** Returns the next message; undefined when none waits. */
  receive(): string | undefined
  close(): void
}

/** MSG_DONTWAIT of Linux (recv(2)). */
const withoutBlocking = 0x40
/** Bytes; systemd takes no longer messages either. */
const longest = 4096

/** Bytes of a path in an address, with the zero at its end. */
const longestPath = 108

export interface NotifyOwner {
  readonly uid: number | undefined
  readonly gid: number | undefined
}

/** Returns the reason when there can be none. `owner`: the user of the program. */
export function openNotifySocket(owner: NotifyOwner): NotifySocket | Error {
  if (process.platform !== 'linux') return new Error('sd_notify exists on Linux only')
  return bindKoffi((koffi) => {
    const libc = koffi.load('libc.so.6')
    const bind = unixBinder(libc, checkedBy(koffi), 'datagram')
    const recv: (fd: number, data: Buffer, size: number, flags: number) => number = libc.func(
      'long recv(int fd, void *data, size_t size, int flags)',
    )
    const place = makePlace()
    let fd: number | undefined
    const close = (): void => {
      if (fd !== undefined) closeSync(fd)
      fd = undefined
      rmSync(place.directory, { recursive: true, force: true })
    }
    try {
      checkLength(place.path)
      const opened = bind(place.path)
      fd = opened
      for (const each of [place.directory, place.path]) chownSync(each, owner.uid ?? -1, owner.gid ?? -1)
      const data = Buffer.alloc(longest)
      const receive = (): string | undefined => {
        const size = recv(opened, data, data.length, withoutBlocking)
        return size > 0 ? data.toString('utf8', 0, size) : undefined
      }
      return { path: place.path, receive, close }
    } catch (error) {
      close()
      throw error
    }
  }, 'there is no socket for sd_notify')
}

function makePlace(): { readonly directory: string; readonly path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-notify-'))
  return { directory, path: join(directory, 'socket') }
}

/** Throws a RangeError. */
function checkLength(path: string): void {
  if (Buffer.byteLength(path) >= longestPath)
    throw new RangeError(`${path} is too long for a socket; set TMPDIR`)
}
