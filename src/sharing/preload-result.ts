// Runs in the arbiter: checks what the process of preload() reports.

import { isObject } from '../os/type-checks.ts'

/** Whether a message of that process has this form. */
export function isPreloadResult(value: unknown): boolean {
  if (!isObject(value) || !isObject(value['data']) || !Array.isArray(value['files'])) return false
  const { size, table } = value['data']
  const figures: readonly unknown[] = [size, ...(isObject(table) ? [table['offset'], table['length']] : [])]
  return figures.length === 3 && [...figures, ...value['files']].every((each) => Number.isSafeInteger(each))
}
