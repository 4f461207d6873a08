// What is written to a socket: a net.Socket gets strings as they are. Pure.

export type Chunk = Buffer | string

export const toBuffer = (chunk: Chunk, encoding: BufferEncoding): Buffer =>
  typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk

export const byteLength = (chunk: Chunk, encoding: BufferEncoding): number =>
  typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length
