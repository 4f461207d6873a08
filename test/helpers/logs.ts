// What unit tests of the log files share: settings, a directory of their own, and a list of what is told.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { noLocks, type FileLocks } from '../../src/logging/files/file-locks.ts'
import { sinkOpener } from '../../src/logging/files/open-sink.ts'
import type { OpenSink } from '../../src/logging/files/log-files.ts'
import type { LogSettings, Manner } from '../../src/logging/files/places.ts'
import type { RotationPolicy } from '../../src/logging/rotation/policy.ts'
import type { Sink, SinkWatch } from '../../src/logging/files/sink.ts'

/** Bytes that may wait. */
export const limit = 8_388_608

export const manner: Manner = { limit, rotation: null, mode: 0o640 }

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

/** A sentence for each thing that is told. */
export function watchToList(told: string[]): SinkWatch {
  return {
    failed: (name, error) => told.push(`failed ${name}: ${error.message}`),
    recovered: (name) => told.push(`recovered ${name}`),
    rotated: (name) => told.push(`rotated ${name}`),
    rotationFailed: (name, error) => told.push(`not rotated ${name}: ${error.message}`),
    archiveFailed: (name, error) => told.push(`not archived ${name}: ${error.message}`),
  }
}

export function opener(told: string[] = [], locks: FileLocks = noLocks): OpenSink {
  return sinkOpener({ watch: watchToList(told), locks, gid: undefined })
}

export function openFileSink(
  path: string,
  told: string[] = [],
  rotation: RotationPolicy | null = null,
): Promise<Sink> {
  return opener(told)({ type: 'file', path, ...manner, rotation })
}

export function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'tsgun-logs-'))
  // work in the background may end just now
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 10 }))
  return path
}

/** Waits for something that nothing announces. */
export async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 30_000
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`waited in vain for ${condition.toString()}`)
    await delay(5)
  }
}
