// The data of a message as bytes, and back: a structured clone, in one piece. What JSON carries as well is
// JSON. Any process that uses the bus.

import { headSize } from '../../tasks/wire/frame.ts'
import { describeThrown, parseErrorValue, restoreThrown } from '../../tasks/wire/error-value.ts'
import { ValueReader } from '../../tasks/wire/value-reader.ts'
import { ValueWriter } from '../../tasks/wire/value-writer.ts'
import { limits } from '../model/limits.ts'
import { isPlain } from './plain.ts'

/** What V8 writes begins with this byte, and no text in UTF-8 has it. */
const cloneMark = 0xff

/** Throws a TypeError with the path of what cannot be cloned, or a RangeError when it is too large. */
export function encode(data: unknown, name = 'data'): Buffer {
  const bytes = isPlain(data) ? Buffer.from(JSON.stringify(data)) : clone(data, name)
  if (bytes.length > limits.message)
    throw new RangeError(
      `${name} has ${bytes.length} bytes, and a message has at most ${limits.message}: send where it is, ` +
        'for example the path of a file',
    )
  return bytes
}

function clone(data: unknown, name: string): Buffer {
  const writer = new ValueWriter(Infinity)
  writer.write(data, name)
  return writer.end('result').head.subarray(headSize)
}

/** Each call makes a copy. Throws an Error for what is neither JSON nor a clone of this Node.js. */
export function decode(bytes: Buffer): unknown {
  if (bytes[0] !== cloneMark) return JSON.parse(bytes.toString()) as unknown
  return new ValueReader({ kind: 'result', flags: 0, value: bytes, chunks: [] }).value()
}

export function encodeThrown(thrown: unknown): Buffer {
  const whole = clone(describeThrown(thrown), 'the error')
  // Its properties are too large: the message has to do.
  return whole.length <= limits.message
    ? whole
    : encodeThrown(new Error('an error that is too large to send'))
}

/** The error again, or the value that was thrown instead of one. */
export function decodeThrown(bytes: Buffer): unknown {
  const value = parseErrorValue(decode(bytes))
  return value === undefined ? new Error('an error that cannot be read') : restoreThrown(value)
}
