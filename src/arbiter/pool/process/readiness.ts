// Runs in the arbiter: when a foreign program is ready, by the part `ready` of its service. What it waits for
// is looked at regularly, because a program has no other way to say so; only lines of output come by
// themselves.

import { statSync, type Stats } from 'node:fs'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import type { ServiceReady } from '../../../config/settings/checked.ts'
import { openNotifySocket, type NotifySocket } from '../../../os/system/notify-socket.ts'

/** Milliseconds between two looks. */
const interval = 100
/** Milliseconds that a port may take to accept. */
const longestConnect = 1000
/** Characters of a line that is not complete yet. */
const longestLine = 65_536

export interface ReadinessParts {
  readonly ready: ServiceReady | undefined
  /** Where a relative path starts. */
  readonly directory: string
  readonly owner: { readonly uid: number | undefined; readonly gid: number | undefined }
  /** Called once. */
  readonly onReady: () => void
  /** It can never be known whether the program is ready. */
  readonly onTrouble: (reason: Error) => void
}

export class Readiness {
  readonly #parts: ReadinessParts
  readonly #notify: NotifySocket | undefined
  readonly #before: Stats | undefined
  #timer: NodeJS.Timeout | undefined
  #isOver = false
  #line = ''

  /** Before the program is started: what is there already says nothing about it. */
  constructor(parts: ReadinessParts) {
    this.#parts = parts
    const { ready, owner, onTrouble } = parts
    this.#before = statOf(this.#file)
    if (ready?.notify === undefined) return
    const socket = openNotifySocket(owner)
    if (socket instanceof Error) onTrouble(socket)
    else this.#notify = socket
  }

  /** Variables for the program. */
  get environment(): NodeJS.ProcessEnv {
    return this.#notify === undefined ? {} : { NOTIFY_SOCKET: this.#notify.path }
  }

  /** The program was started. */
  begin(): void {
    const { ready } = this.#parts
    if (ready === undefined) return this.#finish()
    if (ready.line === undefined) this.#schedule()
  }

  /** It has printed something. */
  see(chunk: Buffer): void {
    const wanted = this.#parts.ready?.line
    if (this.#isOver || wanted === undefined) return
    this.#line = (this.#line + chunk.toString()).slice(-longestLine)
    if (this.#line.includes(wanted)) this.#finish()
    else this.#line = this.#line.slice(this.#line.lastIndexOf('\n') + 1)
  }

  /** It has ended. */
  close(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#notify?.close()
  }

  get #file(): string | undefined {
    const { ready, directory } = this.#parts
    return ready?.file === undefined ? undefined : resolve(directory, ready.file)
  }

  #schedule(): void {
    if (this.#isOver) return
    this.#timer = setTimeout(() => void this.#look(), interval) // never rejects
  }

  async #look(): Promise<void> {
    if (await this.#isReady()) this.#finish()
    else this.#schedule()
  }

  #isReady(): boolean | Promise<boolean> {
    const { ready } = this.#parts
    if (ready?.port !== undefined) return accepts(String(ready.port))
    if (ready?.notify !== undefined) return this.#hasNotified()
    const found = statOf(this.#file)
    return found !== undefined && !isSame(found, this.#before)
  }

  #hasNotified(): boolean {
    for (;;) {
      const message = this.#notify?.receive()
      if (message === undefined) return false
      if (message.split('\n').includes('READY=1')) return true
    }
  }

  #finish(): void {
    if (this.#isOver) return
    this.close()
    this.#parts.onReady()
  }
}

/** Whether a TCP port accepts a connection. */
function accepts(address: string): Promise<boolean> {
  const [, host = '127.0.0.1', port = address] = /^(?:\[?([^\]]*)\]?:)(\d+)$/.exec(address) ?? []
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) })
    const end = (result: boolean) => (): void => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(longestConnect, end(false))
    socket.once('connect', end(true))
    socket.once('error', end(false)) // it does not listen yet
  })
}

function statOf(file: string | undefined): Stats | undefined {
  return file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return one.dev === other?.dev && one.ino === other.ino && one.mtimeMs === other.mtimeMs
}
