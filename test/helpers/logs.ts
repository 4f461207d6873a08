// Shared by unit tests of the log files: settings, a temporary directory, and a list of events.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { noLocks, type FileLocks } from '../../src/logging/rotation/file-locks.ts'
import { sinkOpener } from '../../src/logging/files/open-sink.ts'
import type { OpenSink } from '../../src/logging/files/logs.ts'
import type { DestinationOptions, LogSettings } from '../../src/logging/files/destination.ts'
import type { RotationPolicy } from '../../src/logging/rotation/policy.ts'
import type { Sink, SinkWatch } from '../../src/logging/files/sink.ts'

/** Bytes that may be buffered. */
export const limit = 8_388_608

const options: DestinationOptions = { limit, rotation: null, mode: 0o640 }

export function logSettings(settings: Partial<LogSettings>): LogSettings {
  const defaults = {
    accesslog: null,
    errorlog: null,
    applog: null,
    log_rotation: null,
    log_buffer: limit,
    log_file_mode: 0o640,
  }
  return { ...defaults, ...settings }
}

export function policy(settings: Partial<RotationPolicy>): RotationPolicy {
  return {
    size: null,
    interval: null,
    keep: null,
    total_size: null,
    compress: false,
    utc: false,
    ...settings,
  }
}

/** Adds a sentence to the list for each event. */
export function watchToList(events: string[]): SinkWatch {
  return {
    failed: (name, error) => events.push(`failed ${name}: ${error.message}`),
    recovered: (name) => events.push(`recovered ${name}`),
    rotated: (name) => events.push(`rotated ${name}`),
    rotationFailed: (name, error) => events.push(`not rotated ${name}: ${error.message}`),
    archiveFailed: (name, error) => events.push(`not archived ${name}: ${error.message}`),
  }
}

export function opener(events: string[] = [], locks: FileLocks = noLocks): OpenSink {
  return sinkOpener({ watch: watchToList(events), locks, gid: undefined })
}

export function openFileSink(
  path: string,
  events: string[] = [],
  rotation: RotationPolicy | null = null,
): Promise<Sink> {
  return opener(events)({ type: 'file', path, ...options, rotation })
}

export function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'tsgun-logs-'))
  // background work may still end at this moment
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 10 }))
  return path
}

/** Waits for a condition that no event reports. */
export async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 30_000
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`timed out waiting for ${condition.toString()}`)
    await delay(5)
  }
}
