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

/** Returns the reason when there can be none. `owner`: the user of the program. */
export function openNotifySocket(owner: {
  readonly uid: number | undefined
  readonly gid: number | undefined
}): NotifySocket | Error {
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
    const directory = mkdtempSync(join(tmpdir(), 'tsgun-notify-'))
    const path = join(directory, 'socket')
    const fd = checked('socket', socket(unixFamily, datagram, 0))
    const address = Buffer.concat([
      Buffer.from(new Uint16Array([unixFamily]).buffer),
      Buffer.from(`${path}\0`),
    ])
    checked('bind', bind(fd, address, address.length))
    for (const each of [directory, path]) chownSync(each, owner.uid ?? -1, owner.gid ?? -1)
    const data = Buffer.alloc(longest)
    return {
      path,
      receive() {
        const size = recv(fd, data, data.length, withoutBlocking)
        return size > 0 ? data.toString('utf8', 0, size) : undefined
      },
      close() {
        closeSync(fd)
        rmSync(directory, { recursive: true, force: true })
      },
    }
  })
}
