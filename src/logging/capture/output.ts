// Converts the standard output and error of a worker and its child processes to records of the app log, one
// per line, with the worker and the time. Runs in the arbiter. The bytes come from a pipe in chunks of any
// size.

import { StringDecoder } from 'node:string_decoder'
import { escapeJson } from '../access/escape.ts'
import { withoutColours } from '../records/colours.ts'
import { readJsonLine, type JsonLine } from './json-line.ts'
import { formatRecord, type OtherProcess } from '../records/format-record.ts'
import type { LogLevel } from '../records/record.ts'

/** Characters after which a line without an end is written, which bounds the memory of the master. */
const longestLine = 1_048_576

const levels = { stdout: 'info', stderr: 'warn' } as const

export interface CaptureOptions {
  readonly stream: keyof typeof levels
  readonly pid: number
  /** Number of the worker; absent for the output of other processes. */
  readonly nr?: number
  /** Its task, in a process of a task pool. */
  readonly task?: string | undefined
  /** Its service; absent in a server without further services. */
  readonly service?: string | undefined
  /** Absent for workers and for the arbiter's own output. */
  readonly process?: OtherProcess
  readonly format: 'text' | 'json'
  readonly color: boolean
  /** Takes one or more whole lines. */
  readonly write: (lines: string) => void
}

export class OutputCapture {
  readonly #options: CaptureOptions
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''

  constructor(options: CaptureOptions) {
    this.#options = options
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n')
    this.#rest = lines.pop() ?? ''
    while (this.#rest.length > longestLine) {
      lines.push(this.#rest.slice(0, longestLine))
      this.#rest = this.#rest.slice(longestLine)
    }
    this.#write(lines)
  }

  /** The stream has ended: a last line without a newline is written too. */
  end(): void {
    const last = this.#rest + this.#decoder.end()
    this.#rest = ''
    if (last !== '') this.#write([last])
  }

  #write(lines: readonly string[]): void {
    if (lines.length === 0) return
    const time = new Date().toISOString()
    this.#options.write(lines.map((line) => this.#record(line, time)).join(''))
  }

  #record(line: string, time: string): string {
    const { pid, format } = this.#options
    const printed = line.endsWith('\r') ? line.slice(0, -1) : line
    const text = withoutColours(printed)
    const found = readJsonLine(text, pid)
    // As text only a line of a logger: other JSON is what the app wants to print.
    const isRecord = format === 'json' || (found?.level !== undefined && found.msg !== undefined)
    return found !== undefined && isRecord ? this.#ofLogger(found, time) : this.#ofText(printed, text, time)
  }

  #ofText(printed: string, text: string, time: string): string {
    const { stream, pid, nr, task, service, process, format, color } = this.#options
    const level = levels[stream]
    if (format === 'text')
      return formatRecord(
        { level, time, pid, msg: color ? printed : text },
        { color, nr, task, service, process, keepsColours: color },
      )
    return `${this.#head(level, time, { task, service })},"msg":${escapeJson(JSON.stringify(text))}}\n`
  }

  #ofLogger({ level, time, msg, fields }: JsonLine, now: string): string {
    const { stream, pid, nr, task, service, process, format, color } = this.#options
    const shown = level ?? levels[stream]
    if (format === 'text')
      return formatRecord(
        { level: shown, time: time ?? now, pid, ...fields, msg: msg ?? '' },
        { color, nr, task, service, process },
      )
    const inside = JSON.stringify(fields).slice(1, -1)
    const message = msg === undefined ? '' : `,"msg":${JSON.stringify(msg)}`
    const own = {
      task: Object.hasOwn(fields, 'task') ? undefined : task,
      service: Object.hasOwn(fields, 'service') ? undefined : service,
    }
    const head = this.#head(shown, time ?? now, own)
    return `${head}${inside === '' ? '' : ','}${escapeJson(inside + message)}}\n`
  }

  /** The beginning of a JSON record: written by hand, because it is on the way of all output. */
  #head(level: LogLevel, time: string, { task, service }: Pick<CaptureOptions, 'task' | 'service'>): string {
    const { stream, pid, nr, process } = this.#options
    const number = nr === undefined ? '' : `,"nr":${nr}${named('task', task)}${named('service', service)}`
    const other = process === undefined ? '' : `,"process":"${process}"`
    return `{"level":"${level}","time":"${time}","pid":${pid}${number}${other},"stream":"${stream}"`
  }
}

/** A field whose value needs no escapes. */
function named(field: string, name: string | undefined): string {
  return name === undefined ? '' : `,"${field}":"${name}"`
}
