// The supervisor's end of NOTIFY_SOCKET for tests: a unix datagram socket by koffi, because Node has none.

import koffi from 'koffi'
import { strict as assert } from 'node:assert'
import { closeSync } from 'node:fs'
import { eventually } from './wait.ts'

const libc = koffi.load('libc.so.6')
const socket: (family: number, type: number, protocol: number) => number = libc.func(
  'int socket(int family, int type, int protocol)',
)
const bind: (fd: number, address: Buffer, length: number) => number = libc.func(
  'int bind(int fd, void *address, int length)',
)
const recv: (fd: number, data: Buffer, size: number, flags: number) => number = libc.func(
  'long recv(int fd, void *data, size_t size, int flags)',
)

/** AF_UNIX; SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK. */
const [unixFamily, datagram] = [1, 0o2004002]

export class NotifySocket {
  /** Each message as it was received. */
  readonly messages: string[] = []
  readonly #fd: number

  /** `@name` is in the abstract namespace. */
  constructor(name: string) {
    this.#fd = socket(unixFamily, datagram, 0)
    const path = name.startsWith('@') ? `\0${name.slice(1)}` : `${name}\0`
    const address = Buffer.concat([Buffer.from(new Uint16Array([unixFamily]).buffer), Buffer.from(path)])
    assert.equal(bind(this.#fd, address, address.length), 0, `cannot bind ${name}`)
  }

  /** The assignments of all messages so far, in their order. */
  get lines(): string[] {
    this.read()
    return this.messages.flatMap((message) => message.split('\n'))
  }

  /** The names of the assignments that report the state of the unit. */
  get states(): string[] {
    return this.lines
      .map((line) => line.replace(/=.*/, ''))
      .filter((name) => /^(READY|RELOADING|STOPPING|MAINPID)$/.test(name))
  }

  read(): void {
    const data = Buffer.alloc(65_536)
    for (
      let size = recv(this.#fd, data, data.length, 0);
      size >= 0;
      size = recv(this.#fd, data, data.length, 0)
    )
      this.messages.push(data.toString('utf8', 0, size))
  }

  /** Waits for a message. Resolves with the first match, from index `from` on. */
  async until(pattern: RegExp, from = 0): Promise<string> {
    const probe = (): string | undefined => {
      this.read()
      return this.messages.slice(from).find((message) => pattern.test(message))
    }
    return eventually(`${String(pattern)} in the messages`, probe, () => this.messages.join('\n--\n'))
  }

  close(): void {
    closeSync(this.#fd)
  }
}
