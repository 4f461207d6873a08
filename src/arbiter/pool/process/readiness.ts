// Runs in the arbiter: when a foreign program is ready, by the part `ready` of its service. What it waits for
// is looked at regularly, because a program has no other way to say so; only lines of output come by
// themselves.

import { statSync, type Stats } from 'node:fs'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import type { ServiceReady } from '../../../config/settings/checked.ts'
import { toError } from '../../../logging/records/describe-error.ts'
import { openNotifySocket, type NotifySocket } from '../../../os/system/notify-socket.ts'
import { LineSearch } from './line-search.ts'

type OutputStream = 'stdout' | 'stderr'

/** Milliseconds between two looks. */
const interval = 100
/** Milliseconds that a port may take to accept. */
const longestConnect = 1000
/** Messages that are read in one look: a program may send more than that without an end. */
const mostMessages = 100

export interface ReadinessParts {
  readonly ready: ServiceReady | undefined
  /** Where a relative path starts. */
  readonly directory: string
  readonly owner: { readonly uid: number | undefined; readonly gid: number | undefined }
  /** Called once. */
  readonly onReady: () => void
  /** It can no longer be known whether the program is ready. Called instead. */
  readonly onTrouble: (reason: Error) => void
}

export class Readiness {
  readonly #parts: ReadinessParts
  readonly #notify: NotifySocket | undefined
  readonly #before: Stats | undefined
  readonly #lines: Readonly<Record<OutputStream, LineSearch>> | undefined
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  /**
   * Before the program is started: what is there already says nothing about it. Throws when it can never be
   * known whether the program is ready.
   */
  constructor(parts: ReadinessParts, openSocket = openNotifySocket) {
    this.#parts = parts
    const { ready, owner } = parts
    this.#before = statOf(this.#file)
    const { line } = ready ?? {}
    this.#lines =
      line === undefined ? undefined : { stdout: new LineSearch(line), stderr: new LineSearch(line) }
    if (ready?.notify === undefined) return
    const socket = openSocket(owner)
    if (socket instanceof Error) throw socket
    this.#notify = socket
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
  see(stream: OutputStream, chunk: Buffer): void {
    if (!this.#isOver && this.#lines?.[stream].finds(chunk)) this.#finish()
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
    try {
      if (await this.#isReady()) this.#finish()
      else this.#schedule()
    } catch (error) {
      if (this.#isOver) return
      this.close()
      this.#parts.onTrouble(toError(error))
    }
  }

  #isReady(): boolean | Promise<boolean> {
    const { ready } = this.#parts
    if (ready?.port !== undefined) return accepts(String(ready.port))
    if (ready?.notify !== undefined) return this.#hasNotified()
    const found = statOf(this.#file)
    return found !== undefined && !isSame(found, this.#before)
  }

  #hasNotified(): boolean {
    for (let count = 0; count < mostMessages; count += 1) {
      const message = this.#notify?.receive()
      if (message === undefined) return false
      if (message.split('\n').includes('READY=1')) return true
    }
    return false
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
