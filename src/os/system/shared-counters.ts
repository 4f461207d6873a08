// A few numbers that the processes of one server share without messages: rows in an open file that has no
// name, which each process that inherits it maps. The arbiter opens it and clears rows; workers map it. The
// memory returns when the last of them has exited, however it ends. Linux only.

import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { bindKoffi, mapperOf } from './koffi.ts'

/** Numbers in a row. */
export const rowLength = 4
/** More than a server can have: `workers` is at most 1024, and a reload doubles them at most. */
export const rowCount = 4096
/** The row whose first number says up to which row they are in use, that one not included. */
export const headRow = 0

const rowBytes = rowLength * Int32Array.BYTES_PER_ELEMENT
const size = rowCount * rowBytes

/** A file system in memory: the event loop never waits for a disk when it changes a number. */
const directory = '/dev/shm'
/** O_TMPFILE of open(2): a file without a name. */
const withoutName = 0o20000000 | constants.O_DIRECTORY

/** PROT_READ | PROT_WRITE and MAP_SHARED of mmap(2). */
const [readAndWrite, sharedMapping] = [3, 1]

/**
 * Returns a descriptor of new rows, all zero; undefined where the system has none. All of it is written at
 * once: a hole that finds no memory later would end the process that writes to it (SIGBUS).
 */
export function openCounters(): number | undefined {
  if (process.platform !== 'linux') return undefined
  let fd: number | undefined
  try {
    fd = openSync(directory, withoutName | constants.O_RDWR, 0o600)
    if (writeSync(fd, Buffer.alloc(size), 0, size, 0) === size) return fd
  } catch {
    // no such directory, no right to it, or it is full: the server works without
  }
  if (fd !== undefined) closeSync(fd)
  return undefined
}

/** Sets a row without a mapping, for the arbiter: its first number, and the others to 0. */
export function setRow(fd: number, row: number, first: number): void {
  const values = new Int32Array(rowLength)
  values[0] = first
  writeSync(fd, values, 0, rowBytes, row * rowBytes)
}

/** Maps the rows of a descriptor. Returns the reason where that is not possible. */
export function mapCounters(fd: number): Int32Array | Error {
  return bindKoffi((koffi) => {
    const loaded = koffi.load(null) // what this process has loaded, with every C library
    const address = mapperOf(koffi, loaded)(fd, size, readAndWrite, sharedMapping)
    return new Int32Array(koffi.view(address, size))
  }, 'the counters of the workers cannot be mapped')
}
