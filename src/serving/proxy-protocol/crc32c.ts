// Runs in a worker: the checksum of the PROXY protocol (RFC 4960, appendix B), which zlib does not have. Only
// for the first bytes of a connection, so a bit at a time is fast enough.

const polynomial = 0x82f63b78

export function crc32c(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? polynomial : 0)
  }
  return (sum ^ 0xffffffff) >>> 0
}
