// Builds the sink of a destination from its parts. Runs in the arbiter.

import { isatty } from 'node:tty'
import { Archive } from '../rotation/archive.ts'
import type { FileLocks } from '../rotation/file-locks.ts'
import { BufferedSink } from './buffered-sink.ts'
import { DeviceWriter, isDevice } from './device-writer.ts'
import { FileWriter } from './file-writer.ts'
import type { OpenSink } from './logs.ts'
import { requireOwnLink } from './open-file.ts'
import type { Sink, SinkWatch } from './sink.ts'
import { StreamWriter } from './stream-writer.ts'
import { TaskQueue } from './task-queue.ts'

export interface SinkParts {
  readonly watch: SinkWatch
  readonly locks: FileLocks
  /** Group of the files that are created; undefined for the master's own. */
  readonly gid: number | undefined
}

/**
 * Returns the function that opens the sinks of one server. Their rotated files are compressed one at a time.
 */
export function sinkOpener({ watch, locks, gid }: SinkParts): OpenSink {
  const archiving = new TaskQueue()
  return async (destination) => {
    if (destination.type === 'standard') {
      const fd = destination.name === 'stdout' ? 1 : 2
      return new BufferedSink({
        name: destination.name,
        isTerminal: isatty(fd),
        writer: new StreamWriter(fd),
        watch,
        limit: destination.limit,
      })
    }
    const { path } = destination
    if (await isDevice(path)) return openDeviceSink(path, watch, destination.limit)
    const archive = new Archive({
      path,
      locks,
      enqueue: (work) => archiving.run(work),
      onProblem: (error) => watch.archiveFailed(path, error),
    })
    const writer = new FileWriter({ path, gid, locks, archive })
    writer.configure(destination)
    try {
      await writer.reopen()
    } catch (error) {
      await writer.close()
      throw error
    }
    return new BufferedSink({ name: path, isTerminal: false, writer, watch, limit: destination.limit })
  }
}

async function openDeviceSink(path: string, watch: SinkWatch, limit: number): Promise<Sink> {
  await requireOwnLink(path)
  const writer = new DeviceWriter(path)
  await writer.reopen()
  const isTerminal = writer.fd !== undefined && isatty(writer.fd)
  return new BufferedSink({ name: path, isTerminal, writer, watch, limit })
}
