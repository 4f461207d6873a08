// Runs in the arbiter: reads the output of the processes that it has started.

import type { Settings } from '../../../config/settings/table.ts'

/**
 * Milliseconds that the end of a process waits for the end of its pipes: another process may hold them open.
 */
export const outputPatience = 200

export interface Consumer {
  push(chunk: Buffer): void
  end(): void
}

/** Resolves when the stream is at its end. `see` gets what the consumer gets. */
export function consume(
  stream: NodeJS.ReadableStream | null,
  consumer: Consumer,
  see?: (chunk: Buffer) => void,
): Promise<void> {
  if (stream === null) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = (): void => {
      stream.removeAllListeners()
      stream.on('error', resolve) // a late error of a pipe that is at its end changes nothing
      consumer.end()
      resolve()
    }
    stream.on('data', (chunk: Buffer) => {
      see?.(chunk)
      consumer.push(chunk)
    })
    stream.once('end', finish)
    // ECONNRESET: the process died with unread input; what it had written was read before.
    stream.once('error', finish)
  })
}

/** A daemon has no output of its own: the command that waits for its start stops reading when it serves. */
export function outputOf({
  capture_output,
  daemon,
}: Pick<Settings, 'capture_output' | 'daemon'>): 'pipe' | 'inherit' | 'ignore' {
  if (capture_output) return 'pipe'
  return daemon ? 'ignore' : 'inherit'
}
