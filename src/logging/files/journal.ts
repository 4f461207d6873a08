// Runs in the arbiter: a standard stream that is the journal of systemd. There a line that begins with `<N>`
// has the priority N (sd-daemon(3)), so that `journalctl -p warning` finds what it should; the journal takes
// the prefix off again.

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
 * Whether the descriptor is the one that systemd has connected to the journal: JOURNAL_STREAM has its device
 * and inode.
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
 * Puts the priority of its record before each line: the journal takes each for an entry. Other lines follow
 * the record before them.
 */
export function withPriorities(records: Buffer | string): Buffer | string {
  // Byte by byte, so that nothing in a line is changed.
  const text = typeof records === 'string' ? records : records.toString('latin1')
  let priority = priorities.info
  const lines = text.split('\n').map((line, index, all) => {
    if (line === '' && index === all.length - 1) return line // behind the last newline
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
