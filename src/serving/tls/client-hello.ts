// Runs in a worker with several certificates: the name that a client asks for, in the first message of its
// handshake (RFC 8446, 4.1.2; RFC 6066, 3). Node's SNICallback only replaces one certificate of a connection,
// so that a client that prefers another kind of key would get that of the first name. Pure.

/** More bytes have to arrive. */
export const incomplete = Symbol('incomplete')

const [recordHead, handshakeHead] = [5, 4]
/** HandshakeType, ExtensionType and NameType. */
const [clientHello, serverName, hostName] = [1, 0, 0]

/** Undefined for a client that asks for no name, and for what is no ClientHello. */
export function serverNameIn(bytes: Buffer): string | typeof incomplete | undefined {
  const message = handshakeMessage(bytes)
  if (message === incomplete || message === undefined) return message
  try {
    return nameIn(message)
  } catch (error) {
    if (error instanceof RangeError) return undefined // a length leads out of the message
    throw error
  }
}

/** The body of the message, which may be in several records. */
function handshakeMessage(bytes: Buffer): Buffer | typeof incomplete | undefined {
  const parts: Buffer[] = []
  let [at, have] = [0, 0]
  for (;;) {
    if (bytes.length < at + recordHead) return incomplete
    if (bytes[at] !== 0x16) return undefined
    const length = bytes.readUInt16BE(at + 3)
    if (length === 0) return undefined
    const part = bytes.subarray(at + recordHead, at + recordHead + length)
    if (at === 0 && part.length > 0 && part[0] !== clientHello) return undefined
    parts.push(part)
    have += part.length
    at += recordHead + length
    const message = Buffer.concat(parts)
    const wanted = have < handshakeHead ? Infinity : handshakeHead + message.readUIntBE(1, 3)
    if (have >= wanted) return message.subarray(handshakeHead, wanted)
    if (part.length < length) return incomplete
  }
}

function nameIn(message: Buffer): string | undefined {
  let at = 2 + 32 // version and random
  at += 1 + message.readUInt8(at) // session id
  at += 2 + message.readUInt16BE(at) // ciphers
  at += 1 + message.readUInt8(at) // compressions
  if (at >= message.length) return undefined // no extensions
  const end = Math.min(message.length, at + 2 + message.readUInt16BE(at))
  at += 2
  while (at + 4 <= end) {
    const length = message.readUInt16BE(at + 2)
    if (message.readUInt16BE(at) === serverName) return hostNameIn(message.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return undefined
}

function hostNameIn(list: Buffer): string | undefined {
  if (list.length < 5 || list.readUInt8(2) !== hostName) return undefined
  return list.toString('latin1', 5, 5 + list.readUInt16BE(3))
}
