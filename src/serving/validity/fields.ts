// Runs in a worker: the header fields of a request that decide where it goes and where its body ends, and the
// size of each field. It reads the raw fields: `headers` drops duplicates.

import type { IncomingMessage } from 'node:http'
import { isHost } from '../syntax/host.ts'
import { bad, type Refusal } from './refusal.ts'

export interface FieldLimits {
  /** Bytes of a field with its name and the end of its line; 0 means no limit. */
  readonly fieldSize: number
  /** Bytes of the body; 0 means no limit. */
  readonly body: number
}

type Fields = Pick<IncomingMessage, 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor'>

/** The fields that are checked: their names have different lengths, so most others cost one comparison. */
const names: Readonly<Record<number, 'host' | 'expect' | 'content-length' | 'transfer-encoding'>> = {
  4: 'host',
  6: 'expect',
  14: 'content-length',
  17: 'transfer-encoding',
}
/** The colon, the space behind it and the end of the line. */
const restOfField = ': \r\n'.length

const size: Refusal = { status: 431, reason: 'a header field is larger than limit_request_field_size' }
const tooLong: Refusal = { status: 413, reason: 'Content-Length is more than limit_request_body' }
const expectation: Refusal = { status: 417, reason: 'an expectation other than 100-continue' }
const coding: Refusal = { status: 501, reason: 'a transfer coding other than chunked' }
const twoHosts = bad('more than one Host')
const badHost = bad('Host is not valid')
const badCoding = bad('Transfer-Encoding is not valid')
const oldCoding = bad('Transfer-Encoding in a request of HTTP/1.0')
const twoLengths = bad('more than one Content-Length')
const bothLengths = bad('Content-Length beside Transfer-Encoding')

/** One object for all requests of a server: a request costs no allocation. */
export class FieldCheck {
  readonly #limits: FieldLimits
  #hosts = 0
  #lengths = 0
  #codings = 0
  /** The last valid one: most requests have the same. */
  #knownHost: string | undefined = undefined

  constructor(limits: FieldLimits) {
    this.#limits = limits
  }

  /** Whether the request that was checked last has a Host. */
  get hasHost(): boolean {
    return this.#hosts > 0
  }

  check({ rawHeaders, httpVersionMajor, httpVersionMinor }: Fields): Refusal | undefined {
    const isOld = httpVersionMajor === 1 && httpVersionMinor === 0
    const { fieldSize } = this.#limits
    this.#hosts = this.#lengths = this.#codings = 0
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at] ?? ''
      const value = rawHeaders[at + 1] ?? ''
      if (fieldSize > 0 && name.length + value.length + restOfField > fieldSize) return size
      const known = names[name.length]
      const refusal = known !== undefined && name.toLowerCase() === known && this.#read(known, value, isOld)
      if (refusal) return refusal
    }
    return this.#lengths > 0 && this.#codings > 0 ? bothLengths : undefined
  }

  #read(name: (typeof names)[number], value: string, isOld: boolean): Refusal | undefined {
    switch (name) {
      case 'host':
        return this.#readHost(value)
      case 'expect':
        return !isOld && isMixed(value) ? expectation : undefined
      case 'content-length':
        return this.#readLength(value)
      case 'transfer-encoding':
        this.#codings += 1
        return this.#codings > 1 ? badCoding : checkCoding(value, isOld)
    }
  }

  #readHost(value: string): Refusal | undefined {
    this.#hosts += 1
    if (this.#hosts > 1) return twoHosts
    if (value !== this.#knownHost && !isHost(value)) return badHost
    this.#knownHost = value
    return undefined
  }

  #readLength(value: string): Refusal | undefined {
    this.#lengths += 1
    if (this.#lengths > 1) return twoLengths
    const { body } = this.#limits
    return body > 0 && Number(value) > body ? tooLong : undefined
  }
}

/** `chunked` alone: where a body with another coding ends depends on the one who reads it (RFC 9112, 6.3). */
function checkCoding(value: string, isOld: boolean): Refusal | undefined {
  if (isOld) return oldCoding
  const codings = value.toLowerCase().split(',')
  if (codings.length === 1 && codings[0] === 'chunked') return undefined
  return codings.length > 1 && codings.every((each) => /^\s*[a-z]+\s*$/.test(each)) ? coding : badCoding
}

/** Node takes an expectation for `100-continue` that only contains it. */
const isMixed = (value: string): boolean =>
  value.length !== '100-continue'.length && /(?:^|\W)100-continue(?:$|\W)/i.test(value)
