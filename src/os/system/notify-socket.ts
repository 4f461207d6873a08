// Runs in the arbiter: the socket at which a program says that it is ready, as sd_notify(3) describes it.
// Node has no datagram sockets of this kind.

import { closeSync, mkdtempSync, rmSync, chownSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bindKoffi, checkedBy } from './koffi.ts'

export interface NotifySocket {
  /** The value of NOTIFY_SOCKET. */
  readonly path: string
  /** Returns the next message; undefined when none waits. */
  receive(): string | undefined
  close(): void
}

/** AF_UNIX; SOCK_DGRAM | SOCK_CLOEXEC; MSG_DONTWAIT, of Linux. */
const [unixFamily, datagram, withoutBlocking] = [1, 0o2000002, 0x40]
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
    const checked = checkedBy(koffi)
    const socket: (family: number, type: number, protocol: number) => number = libc.func(
      'int socket(int family, int type, int protocol)',
    )
    const bind: (fd: number, address: Buffer, length: number) => number = libc.func(
      'int bind(int fd, void *address, int length)',
    )
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
      const opened = checked('socket', socket(unixFamily, datagram, 0))
      fd = opened
      const address = addressOf(place.path)
      checked('bind', bind(opened, address, address.length))
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

/** Throws a RangeError when the path is too long for a socket. */
function addressOf(path: string): Buffer {
  const name = Buffer.from(`${path}\0`)
  if (name.length > longestPath) throw new RangeError(`${path} is too long for a socket; set TMPDIR`)
  return Buffer.concat([Buffer.from(new Uint16Array([unixFamily]).buffer), name])
}
