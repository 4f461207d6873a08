// Runs in the arbiter, beside its other work: gzips one rotated file. The compressed file gets its name when
// it is whole and on the disk, and only then the other one is removed: whatever happens, each line is in one
// file that counts.

import { createReadStream, createWriteStream, type Stats } from 'node:fs'
import { open, rename, rm, utimes, type FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip, crc32 } from 'node:zlib'
import type { FileLocks } from '../files/file-locks.ts'
import { ifThere } from './if-there.ts'

/**
 * A million access lines of JSON take 1.3 s of processor time and 8.5 % of their size; gzip's default level
 * takes 3.2 s and 6.7 %. The app's requests need the processor, too.
 */
const level = constants.Z_BEST_SPEED
/** Bytes that are read at a time. */
const chunkBytes = 262_144

export interface Compression {
  /** The rotated file. */
  readonly path: string
  readonly locks: FileLocks
  /** Gives up; what was begun is removed. */
  readonly signal: AbortSignal
}

/** Answers false when another master may still write to the file: then it has to wait. */
export async function compressFile({ path, locks, signal }: Compression): Promise<boolean> {
  const source = await open(path, 'r')
  try {
    const stats = await source.stat()
    if (stats.size === 0) return true // only a name, which a rotation has claimed and will use in a moment
    if (!locks.lock(source.fd, 'exclusive')) return false
    const earlier = await ifThere(open(`${path}.gz`, 'r'))
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
    const target = createWriteStream(part, { flags: 'r+', flush: true }) // on the disk before it has its name
    await pipeline(readAll(path), createGzip({ level }), target, { signal })
    await utimes(part, stats.atime, stats.mtime)
    await rename(part, `${path}.gz`)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** An empty file with the rights of the one that is compressed. */
async function makePart(part: string, { mode, uid, gid }: Stats): Promise<void> {
  await rm(part, { force: true }) // of a master that was killed
  const target = await open(part, 'wx', mode & 0o777)
  try {
    await target.chown(uid, gid)
  } finally {
    await target.close()
  }
}

/**
 * A master was killed after the compressed file had got its name and before the other was removed. The last
 * eight bytes of a gzip file are the checksum and the size of what it holds (RFC 1952, 2.3.1).
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
    throw new Error(`${path}.gz exists and holds something else; both are left alone`)
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
