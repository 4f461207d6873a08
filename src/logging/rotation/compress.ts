// Compresses one rotated file with gzip. Runs in the arbiter, in the background. The compressed file gets its
// final name when it is complete and on the disk; only then is the original removed. So each line is in
// exactly one of the files, even after a crash.

import { createReadStream, createWriteStream, type Stats } from 'node:fs'
import { open, rename, rm, utimes, type FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip, crc32 } from 'node:zlib'
import type { FileLocks } from './file-locks.ts'
import { ifExists } from './if-exists.ts'

/**
 * A million JSON access lines take 1.3 s of CPU time and shrink to 8.5 %; gzip's default level takes 3.2 s
 * and reaches 6.7 %. The workers need the CPU, too.
 */
const level = constants.Z_BEST_SPEED
/** Bytes read at a time. */
const chunkBytes = 262_144

export interface Compression {
  /** The rotated file. */
  readonly path: string
  readonly locks: FileLocks
  /** Cancels the compression; the partial file is removed. */
  readonly signal: AbortSignal
}

/** Resolves with false when another master may still write to the file; then try again later. */
export async function compressFile({ path, locks, signal }: Compression): Promise<boolean> {
  const source = await open(path, 'r')
  try {
    const stats = await source.stat()
    if (stats.size === 0) return true // only claims a name for a rotation in progress
    if (!locks.lock(source.fd, 'exclusive')) return false
    const earlier = await ifExists(open(`${path}.gz`, 'r'))
    if (earlier === undefined) await writeCompressed(path, stats, signal)
    else await requireSame(earlier, path)
    await rm(path)
    return true
  } finally {
    await source.close()
  }
}

async function writeCompressed(path: string, stats: Stats, signal: AbortSignal): Promise<void> {
  const part = `${path}.gz.part`
  try {
    await makePart(part, stats)
    const target = createWriteStream(part, { flags: 'r+', flush: true }) // on the disk before the rename
    await pipeline(readAll(path), createGzip({ level }), target, { signal })
    await utimes(part, stats.atime, stats.mtime)
    await rename(part, `${path}.gz`)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** Creates an empty file with the mode and owner of the original. */
async function makePart(part: string, { mode, uid, gid }: Stats): Promise<void> {
  await rm(part, { force: true }) // left by a killed master
  const target = await open(part, 'wx', mode & 0o777)
  try {
    await target.chown(uid, gid)
  } finally {
    await target.close()
  }
}

/**
 * The compressed file exists because a master was killed before it removed the original. Rejects if its
 * content differs: the last eight bytes of a gzip file are the checksum and size of its content (RFC 1952,
 * 2.3.1).
 */
async function requireSame(compressed: FileHandle, path: string): Promise<void> {
  const trailer = Buffer.alloc(8)
  try {
    const { size } = await compressed.stat()
    await compressed.read(trailer, 0, 8, Math.max(0, size - 8))
  } finally {
    await compressed.close()
  }
  const expected = await trailerOf(path)
  if (!trailer.equals(expected))
    throw new Error(`${path}.gz already exists with other content; both files are kept`)
}

async function trailerOf(path: string): Promise<Buffer> {
  let [crc, size] = [0, 0]
  for await (const chunk of readAll(path)) {
    crc = crc32(chunk, crc)
    size += chunk.length
  }
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc, 0)
  trailer.writeUInt32LE(size % 2 ** 32, 4)
  return trailer
}

function readAll(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: chunkBytes })
}
