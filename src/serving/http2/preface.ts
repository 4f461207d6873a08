// Runs in a worker: whether a connection in clear text begins with the preface of HTTP/2 (RFC 9113, 3.4), as
// a client with prior knowledge sends it. Pure.

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** Undefined while more bytes have to arrive. */
export function beginsWithPreface(bytes: Buffer): boolean | undefined {
  const length = Math.min(bytes.length, preface.length)
  if (bytes.compare(preface, 0, length, 0, length) !== 0) return false
  return length === preface.length ? true : undefined
}
