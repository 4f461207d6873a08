// The cases of the public HTTP/1.1 probe (https://github.com/MDA2AV/Http11Probe, MIT, 2026-02) and its rules.
// In http11probe.json the bytes above 0x7f of three cases, which the list that it comes from had lost, are
// restored.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ProbeCase {
  readonly id: string
  readonly scored: boolean
  /** Alternatives such as `400 or close (pass), 2xx (warn)`. */
  readonly expected: string
  /** Latin-1, for a server on port 8080. */
  readonly request: string
}

export interface Observed {
  /** 0 without a response. */
  readonly status: number
  readonly isClosed: boolean
  readonly text: string
}

export function readProbe(): readonly ProbeCase[] {
  const file = join(import.meta.dirname, 'http11probe.json')
  return JSON.parse(readFileSync(file, 'utf8')) as readonly ProbeCase[] // a file of ours
}

/** Whether what was observed is allowed, by the rules of the probe. */
export function isAllowed({ expected }: ProbeCase, observed: Observed): boolean {
  return expected
    .replace(/\((?:pass|warn)\)/g, '')
    .split(/ or |\/|,/)
    .some((alternative) => matches(alternative.trim(), observed))
}

function matches(alternative: string, { status, isClosed, text }: Observed): boolean {
  const isSuccess = status >= 200 && status < 300
  switch (alternative) {
    case 'close':
      return text === '' && isClosed
    case 'timeout':
      return text === '' && !isClosed
    case '2xx':
      return isSuccess
    case '2xx + close':
      return isSuccess && (isClosed || /connection: *close/i.test(text))
    default:
      return alternative.startsWith('!')
        ? status !== Number(alternative.slice(1))
        : status === Number(alternative)
  }
}
