// Priority prefixes for a standard stream that is connected to the systemd journal. Runs in the arbiter. The
// journal reads `<N>` at the start of a line as priority N and removes it (sd-daemon(3)), so that
// `journalctl -p warning` works.

import { fstatSync } from 'node:fs'
import type { LogLevel } from '../records/record.ts'

/** syslog(3): crit, err, warning, info, debug. */
const priorities: Readonly<Record<LogLevel, number>> = {
  fatal: 2,
  error: 3,
  warn: 4,
  info: 6,
  debug: 7,
  trace: 7,
}

/**
 * Whether systemd has connected the descriptor to the journal: JOURNAL_STREAM contains its device and inode.
 */
export function isJournal(fd: number, environment: NodeJS.ProcessEnv = process.env): boolean {
  const stream = environment['JOURNAL_STREAM']
  if (stream === undefined || stream === '') return false
  const { dev, ino } = fstatSync(fd)
  return stream === `${dev}:${ino}`
}

/** The start of a record, in either form of `log_format`. */
const head = /^(?:\{"level":"(\w+)"|\[[^\]]*\] \[\d+\] \[(\w+)\])/

/**
 * Prefixes each line with the priority of its record, because the journal stores each line as an entry. Lines
 * outside a record get the priority of the record before them.
 */
export function withPriorities(records: Buffer | string): Buffer | string {
  // latin1 keeps every byte unchanged
  const text = typeof records === 'string' ? records : records.toString('latin1')
  let priority = priorities.info
  const lines = text.split('\n').map((line, index, all) => {
    if (line === '' && index === all.length - 1) return line // after the last newline
    const [, json, plain] = head.exec(line) ?? []
    const level = json ?? plain?.toLowerCase()
    if (level !== undefined) priority = isLevel(level) ? priorities[level] : priorities.info
    return `<${priority}>${line}`
  })
  return typeof records === 'string' ? lines.join('\n') : Buffer.from(lines.join('\n'), 'latin1')
}

function isLevel(text: string): text is LogLevel {
  return Object.hasOwn(priorities, text)
}
