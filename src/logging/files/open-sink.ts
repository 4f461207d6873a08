// Runs in the arbiter: makes the sink of a place, of the parts that it is made of.

import { isatty } from 'node:tty'
import { BufferedSink } from './buffered-sink.ts'
import type { FileLocks } from './file-locks.ts'
import { FileOutlet } from './file-outlet.ts'
import { Lane } from './lane.ts'
import type { OpenSink } from './log-files.ts'
import { Archive } from '../rotation/archive.ts'
import type { SinkWatch } from './sink.ts'
import { StandardOutlet } from './standard-outlet.ts'

export interface SinkParts {
  readonly watch: SinkWatch
  readonly locks: FileLocks
  /** The group of the files that are made; undefined for the master's own. */
  readonly gid: number | undefined
}

/** Answers what opens the sinks of one server: their rotated files are compressed one at a time. */
export function sinkOpener({ watch, locks, gid }: SinkParts): OpenSink {
  const lane = new Lane()
  return async (place) => {
    if (place.type === 'standard') {
      const fd = place.name === 'stdout' ? 1 : 2
      return new BufferedSink({
        name: place.name,
        isTerminal: isatty(fd),
        outlet: new StandardOutlet(fd),
        watch,
        limit: place.limit,
      })
    }
    const { path } = place
    const archive = new Archive({
      path,
      locks,
      lane: (work) => lane.run(work),
      onProblem: (error) => watch.archiveFailed(path, error),
    })
    const outlet = new FileOutlet({ path, gid, locks, archive })
    outlet.follow(place)
    try {
      await outlet.reopen()
    } catch (error) {
      await outlet.close()
      throw error
    }
    return new BufferedSink({ name: path, isTerminal: false, outlet, watch, limit: place.limit })
  }
}
