// The files of a build as one sequence of bytes: written by `tsgun build`, read at the beginning of a single
// executable. Pure.

import { gunzipSync, gzipSync } from 'node:zlib'

export interface PackedFile {
  /** Relative, with slashes. */
  readonly path: string
  readonly size: number
}

const headerBytes = 4

/** The list of the files comes first, so that it can be read without the rest. */
export function pack(files: readonly { readonly path: string; readonly bytes: Buffer }[]): Buffer {
  const list = files.map(({ path, bytes }): PackedFile => ({ path, size: bytes.length }))
  const head = Buffer.from(JSON.stringify(list))
  const length = Buffer.alloc(headerBytes)
  length.writeUInt32LE(head.length)
  const body = gzipSync(Buffer.concat(files.map(({ bytes }) => bytes)), { level: 9 })
  return Buffer.concat([length, head, body])
}

export function listOfPack(packed: Buffer): readonly PackedFile[] {
  const length = packed.readUInt32LE(0)
  // written by pack()
  return JSON.parse(packed.toString('utf8', headerBytes, headerBytes + length)) as readonly PackedFile[]
}

export function* filesOfPack(packed: Buffer): Generator<PackedFile & { readonly bytes: Buffer }> {
  const body = gunzipSync(packed.subarray(headerBytes + packed.readUInt32LE(0)))
  let at = 0
  for (const file of listOfPack(packed)) {
    yield { ...file, bytes: body.subarray(at, at + file.size) }
    at += file.size
  }
}
