// Who a client of the broker is: the payload of its first frame. Client and broker. Pure.

import { isObject } from '../../os/type-checks.ts'
import { wireVersion } from './frame.ts'

export interface Greeting {
  readonly pid: number
  /** As records of the error log name it: `worker 2`. */
  readonly name: string
}

export function writeGreeting({ pid, name }: Greeting): Buffer {
  return Buffer.from(JSON.stringify({ version: wireVersion, pid, name }))
}

/** Undefined for a client of another version. */
export function readGreeting(payload: Buffer): Greeting | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString())
    if (!isObject(value) || value['version'] !== wireVersion) return undefined
    const { pid, name } = value
    return typeof pid === 'number' && typeof name === 'string' ? { pid, name } : undefined
  } catch {
    return undefined // not JSON, as the greeting of another version may be
  }
}
