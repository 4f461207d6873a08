// What the writers have in common whose target is no file of the server: a stream or a device grows without a
// limit, has no mode, and is never rotated. Runs in the arbiter.

import type { Rotation, Writer, Written } from './writer.ts'

export abstract class UnrotatedWriter implements Writer {
  readonly room = Infinity

  abstract write(bytes: Buffer): Promise<Written>
  abstract reopen(): Promise<boolean>
  abstract close(): Promise<void>

  configure(): void {
    // it has neither a mode nor a rotation
  }

  check(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  isDue(): boolean {
    return false
  }

  rotate(): Promise<Rotation> {
    return Promise.resolve('empty')
  }
}
