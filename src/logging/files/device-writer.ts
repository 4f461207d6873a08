// Writes log lines to a FIFO or a character device (a terminal, /dev/console) at the path of a log. Runs in
// the arbiter. A FIFO is opened for reading too: so it can be opened before its reader starts, and lines wait
// in it while the reader restarts. Never rotated.

import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { statOrUndefined } from './open-file.ts'
import { StreamWriter } from './stream-writer.ts'
import { UnrotatedWriter } from './unrotated-writer.ts'
import type { Written } from './writer.ts'

const { O_RDWR, O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants

/** Milliseconds that a full FIFO may stay full until it is reported as a failure. */
const patience = 3000

export class DeviceWriter extends UnrotatedWriter {
  readonly #path: string
  #open: { readonly handle: FileHandle; readonly stream: StreamWriter } | undefined

  /** Nothing is open before the first `reopen`. */
  constructor(path: string) {
    super()
    this.#path = path
  }

  write(bytes: Buffer): Promise<Written> {
    const error = new Error(`${this.#path} is not open`)
    return this.#open?.stream.write(bytes) ?? Promise.resolve({ bytes: 0, error })
  }

  async reopen(): Promise<boolean> {
    const handle = await openDevice(this.#path)
    const earlier = this.#open?.handle
    const [now, before] = [await handle.stat(), await earlier?.stat()]
    this.#open = { handle, stream: new StreamWriter(handle.fd, patience) }
    await earlier?.close()
    return now.ino === before?.ino && now.dev === before.dev
  }

  get fd(): number | undefined {
    return this.#open?.handle.fd
  }

  async close(): Promise<void> {
    await this.#open?.handle.close()
    this.#open = undefined
  }
}

/** Whether a log at this path is written as a device. */
export async function isDevice(path: string): Promise<boolean> {
  const stats = await statOrUndefined(path)
  return stats !== undefined && (stats.isFIFO() || stats.isCharacterDevice())
}

async function openDevice(path: string): Promise<FileHandle> {
  const isFifo = (await statOrUndefined(path))?.isFIFO() === true
  const handle = await open(path, (isFifo ? O_RDWR : O_WRONLY | O_APPEND | O_NOCTTY) | O_NONBLOCK)
  const stats = await handle.stat()
  if (stats.isFIFO() || stats.isCharacterDevice()) return handle
  await handle.close()
  throw new Error('it is no longer a FIFO or a device; restart the server')
}
