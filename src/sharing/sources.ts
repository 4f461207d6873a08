// Any process: where the bytes of a value come from: memory that all processes of a generation map, or, where
// that is not available, files that each of them reads.

import { fstatSync, readSync } from 'node:fs'
import type { MappedMemory, SharedMemoryCalls } from '../os/system/shared-memory.ts'
import type { Part } from './layout.ts'
import type { SharedManifest } from './manifest.ts'
import type { ByteSource } from './unpack.ts'

/** Bytes that are read or written by one call: the kernel and Node.js take less than 2 GB. */
export const longestTransfer = 256 * 1024 * 1024

export function mappedSource(
  { data, files }: SharedManifest,
  calls: Pick<SharedMemoryCalls, 'map'>,
): ByteSource {
  let memory: MappedMemory | undefined
  return {
    buffer: ({ offset, length }) => (memory ??= calls.map(data.fd, data.size)).view(offset, length),
    file(nr) {
      const { fd = -1, size = 0 } = files[nr] ?? {}
      return size === 0 ? Buffer.alloc(0) : Buffer.from(calls.map(fd, size).view(0, size))
    },
  }
}

export function copiedSource({ data, files }: SharedManifest): ByteSource {
  return {
    buffer: (part) => readPart(data.fd, part),
    file(nr) {
      const { fd = -1 } = files[nr] ?? {}
      return Buffer.from(readPart(fd, { offset: 0, length: fstatSync(fd).size }))
    },
  }
}

function readPart(fd: number, { offset, length }: Part): ArrayBuffer {
  const bytes = new Uint8Array(length)
  for (let done = 0; done < length;) {
    const rest = bytes.subarray(done, done + longestTransfer)
    const read = readSync(fd, rest, 0, rest.byteLength, offset + done)
    if (read === 0) throw new Error('what preload() returned was cut off: its file is too short')
    done += read
  }
  return bytes.buffer
}
