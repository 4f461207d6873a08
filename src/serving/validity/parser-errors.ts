// Runs in a worker: what Node's parser and its checks for slow clients refuse, as a refusal. Pure.

import { errorCode } from '../../os/error-code.ts'
import type { Refusal, RefusalStatus } from './refusal.ts'

const statuses: Readonly<Record<string, RefusalStatus>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  ERR_HTTP_BODY_TOO_LARGE: 413,
  ERR_HTTP_VERSION: 505,
}

/** The reason of the parser for a version that it can read, such as HTTP/1.2. */
const otherVersion = 'Invalid HTTP version'

export function refusalOf(error: Error): Refusal {
  const code = errorCode(error) ?? ''
  return {
    status: isLongLine(error, code) ? 414 : (statuses[code] ?? statusOf(error)),
    reason: error.message,
  }
}

function statusOf(error: Error): RefusalStatus {
  return Reflect.get(error, 'reason') === otherVersion ? 505 : 400
}

/**
 * Whether a head that is too large for the parser has no line yet. Only known when it has come in one piece:
 * the parser keeps no other.
 */
function isLongLine(error: Error, code: string): boolean {
  const packet: unknown = Reflect.get(error, 'rawPacket')
  if (code !== 'HPE_HEADER_OVERFLOW' || !(packet instanceof Uint8Array)) return false
  const parsed: unknown = Reflect.get(error, 'bytesParsed')
  const end = packet.indexOf(lineFeed)
  return typeof parsed === 'number' && (end < 0 || end >= parsed) && /^[A-Z]+ /.test(startOf(packet))
}

const lineFeed = 10
const startOf = (packet: Uint8Array): string => String.fromCharCode(...packet.subarray(0, 20))
