// Runs in a worker: opens the log pipe of its process.

import { workerDescriptors } from '../../ipc/environment.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import { FrameWriter } from '../../logging/pipe/frame-writer.ts'
import type { OutputParts } from './output.ts'

/** Once in a process: the pipe is closed with the first writer. */
export function logPipeOf({ settings }: Pick<BootMessage, 'settings'>): OutputParts['openSink'] {
  return (onDropped) => new FrameWriter(workerDescriptors.log, settings.log_buffer, onDropped)
}
