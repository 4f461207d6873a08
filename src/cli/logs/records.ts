// Runs in `tsgunctl`: the records in the text of a log, and their levels. Pure. The text form of a record
// starts at the left margin with `[`, and its further lines are indented; in JSON each line is a record.

import { levels, logLevels, type LogLevel } from '../../logging/records/record.ts'
import { isRecord } from '../../os/type-checks.ts'

/** Each without the newline at its end. */
export function recordsIn(text: string): string[] {
  return text.split(/\n(?![ \t])/).filter((record) => record !== '')
}

/** Whether a record is of this level or above; one with a level of the app's own always is. */
export function isAtLeast(record: string, least: LogLevel): boolean {
  const level = levelOf(record)
  return level === undefined || levels[level] >= levels[least]
}

export function levelOf(record: string): LogLevel | undefined {
  const name = record.startsWith('{') ? levelInJson(record) : levelInText(record)
  return logLevels.find((level) => level === name)
}

/** `[2026-11-23 09:15:02.123 +0100] [4711] [INFO] …`; on a terminal of the server with colours. */
const head = /^\[[^\]]*\] \[\d+\] \[(?:\u001b\[\d+m)?(\w+)/

function levelInText(record: string): string | undefined {
  return head.exec(record)?.[1]?.toLowerCase()
}

function levelInJson(record: string): string | undefined {
  try {
    const value: unknown = JSON.parse(record)
    return isRecord(value) && typeof value['level'] === 'string' ? value['level'] : undefined
  } catch {
    return undefined // a line of text that begins like JSON
  }
}
