// Runs in a worker with several certificates, or while one is ordered: the name that a client asks for, and
// the protocols, in the first message of its handshake (RFC 8446, 4.1.2; RFC 6066, 3; RFC 7301). Node's
// SNICallback only replaces one certificate of a connection, so that a client that prefers another kind of
// key would get that of the first name. Pure.

/** More bytes have to arrive. */
export const incomplete = Symbol('incomplete')

const [recordHead, handshakeHead] = [5, 4]
/** HandshakeType and NameType. */
const [clientHello, hostName] = [1, 0]
/** ExtensionType. */
const [serverName, applicationProtocols] = [0, 16]

export interface ClientHello {
  /** Undefined for a client that asks for none. */
  readonly name: string | undefined
  /** By ALPN. */
  readonly protocols: readonly string[]
}

const nothing: ClientHello = { name: undefined, protocols: [] }

/** What is no ClientHello asks for nothing. */
export function clientHelloIn(bytes: Buffer): ClientHello | typeof incomplete {
  const message = handshakeMessage(bytes)
  if (message === incomplete) return message
  if (message === undefined) return nothing
  try {
    return helloIn(message)
  } catch (error) {
    if (error instanceof RangeError) return nothing // a length leads out of the message
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

function helloIn(message: Buffer): ClientHello {
  let at = 2 + 32 // version and random
  at += 1 + message.readUInt8(at) // session id
  at += 2 + message.readUInt16BE(at) // ciphers
  at += 1 + message.readUInt8(at) // compressions
  if (at >= message.length) return nothing // no extensions
  const end = Math.min(message.length, at + 2 + message.readUInt16BE(at))
  at += 2
  let { name, protocols } = nothing
  while (at + 4 <= end) {
    const [type, length] = [message.readUInt16BE(at), message.readUInt16BE(at + 2)]
    const extension = message.subarray(at + 4, at + 4 + length)
    if (type === serverName) name ??= hostNameIn(extension)
    if (type === applicationProtocols) protocols = protocolsIn(extension)
    at += 4 + length
  }
  return { name, protocols }
}

function hostNameIn(list: Buffer): string | undefined {
  if (list.length < 5 || list.readUInt8(2) !== hostName) return undefined
  return list.toString('latin1', 5, 5 + list.readUInt16BE(3))
}

function protocolsIn(list: Buffer): readonly string[] {
  const found: string[] = []
  for (let at = 2; at < list.length;) {
    const end = at + 1 + list.readUInt8(at)
    found.push(list.toString('latin1', at + 1, end))
    at = end
  }
  return found
}
