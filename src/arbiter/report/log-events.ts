// Runs in the arbiter: what happens to the log files, as events.

import type { SinkWatch } from '../../logging/files/sink.ts'
import type { Emit } from '../model/events.ts'

export function watchLogs(emit: Emit): SinkWatch {
  return {
    failed: (name, error) => emit({ type: 'log_failed', name, error }),
    recovered: (name) => emit({ type: 'log_recovered', name }),
    rotated: (name) => emit({ type: 'log_rotated', name }),
    rotationFailed: (name, error) => emit({ type: 'log_rotation_failed', name, error }),
    archiveFailed: (name, error) => emit({ type: 'log_archive_failed', name, error }),
  }
}
