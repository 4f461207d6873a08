// The checks of what messages of workers contain, as the arbiter receives them.

import type { StuckPlace, StuckReport } from '../config/hooks/views.ts'
import { isObject } from '../os/type-checks.ts'

export function isErrorReport(value: unknown): boolean {
  return isObject(value) && typeof value['message'] === 'string' && typeof value['stack'] === 'string'
}

export function isChange(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'string' && Number.isInteger(value[1])
}

export function isSeenFile(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['path'] === 'string' &&
    (value['mtime'] === null || typeof value['mtime'] === 'number')
  )
}

const places: readonly StuckPlace[] = ['javascript', 'native', 'waiting']

export function isStuckReport(value: unknown): value is StuckReport {
  if (!isObject(value)) return false
  const report: Partial<Record<keyof StuckReport, unknown>> = value
  const { where, silent, step, stack, requests, more, heapUsed, heapLimit, rss } = report
  return (
    places.some((place) => place === where) &&
    [silent, more, rss].every((number) => typeof number === 'number') &&
    [heapUsed, heapLimit].every((bytes) => bytes === null || typeof bytes === 'number') &&
    (step === null || typeof step === 'string') &&
    [stack, requests].every(
      (lines) => Array.isArray(lines) && lines.every((line) => typeof line === 'string'),
    )
  )
}
