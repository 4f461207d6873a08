// Any process: memory that several processes map, through koffi: a file without a name (memfd_create(2)),
// which the kernel frees when the last process that has it open or mapped has ended. Linux only.

import { constants } from 'node:buffer'
import { getSystemErrorName } from 'node:util'
import { freeMemory } from '../limits/free-memory.ts'
import { bindKoffi, callError, checkedBy, mapperOf, type KoffiModule } from './koffi.ts'

export interface SharedMemoryCalls {
  /** Creates an empty file. Returns its descriptor, which child processes inherit only if they get it. */
  readonly create: (name: string) => number
  /**
   * Makes the file longer by these bytes, with memory behind them. Throws an ENOMEM error when there is not
   * enough: without it the kernel would end a process later, perhaps another one.
   */
  readonly reserve: (fd: number, offset: number, length: number) => void
  /** From now on no process can change the file or its length. */
  readonly seal: (fd: number) => void
  /** Maps the first `size` bytes, more than 0. */
  readonly map: (fd: number, size: number) => MappedMemory
  /** The descriptor is not inherited by programs that this process starts. */
  readonly closeOnExec: (fd: number) => void
}

/** A mapping for the rest of the process. A write to it changes a private copy of the page. */
export interface MappedMemory {
  /** Throws a RangeError when the length is above that of an ArrayBuffer of this version of Node.js. */
  view(offset: number, length: number): ArrayBuffer
}

/** MFD_CLOEXEC, MFD_ALLOW_SEALING and MFD_NOEXEC_SEAL (Linux 6.3) of memfd_create(2). */
const memoryFlags = { closeOnExec: 1, allowSealing: 2, notExecutable: 8 } as const

/** F_ADD_SEALS of fcntl(2) with F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_WRITE. */
const [addSeals, allSeals] = [1033, 1 | 2 | 4 | 8]

/** F_GETFD, F_SETFD and FD_CLOEXEC of fcntl(2). */
const [getFlags, setFlags, closeOnExecFlag] = [1, 2, 1]

/** PROT_READ | PROT_WRITE, and MAP_PRIVATE | MAP_NORESERVE: the copies of pages are not paid in advance. */
const [readWrite, copyOnWrite] = [1 | 2, 0x02 | 0x4000]

/** Bytes that are reserved at once: a signal interrupts the call, which then begins again. */
const reserveStep = 256 * 1024 * 1024

/**
 * `free`: returns the bytes that may still be taken. Returns the calls, or the reason why they are not
 * available. A user of the calls loads them once: each load takes memory that is not freed.
 */
export function loadSharedMemory(free: () => number = freeMemory): SharedMemoryCalls | Error {
  if (process.platform !== 'linux') return new Error(`${process.platform} has no memfd_create(2)`)
  return bindKoffi((koffi) => bindCalls(koffi, free))
}

/** The kernel would rather end processes than refuse. */
function checkFree(wanted: number, free: number): void {
  if (wanted <= free) return
  const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`
  const message = `${megabytes(wanted)} of memory are wanted, and ${megabytes(free)} are free`
  throw Object.assign(new Error(message), { code: 'ENOMEM' })
}

function bindCalls(koffi: KoffiModule, free: () => number): SharedMemoryCalls {
  const libc = koffi.load('libc.so.6')
  const memfd: (name: string, flags: number) => number = libc.func(
    'int memfd_create(const char *name, unsigned int flags)',
  )
  const fallocate: (fd: number, mode: number, offset: number, length: number) => number = libc.func(
    'int fallocate(int fd, int mode, int64_t offset, int64_t length)',
  )
  const fcntl: (fd: number, command: number, type: 'int', value: number) => number = libc.func(
    'int fcntl(int fd, int cmd, ...)',
  )
  const mapFile = mapperOf(koffi, libc)
  const checked = checkedBy(koffi)
  return {
    create(name) {
      const flags = memoryFlags.closeOnExec | memoryFlags.allowSealing
      const fd = memfd(name, flags | memoryFlags.notExecutable)
      return fd === -1 ? checked('memfd_create', memfd(name, flags)) : fd // an older kernel
    },
    reserve(fd, offset, length) {
      checkFree(length, free())
      for (let done = 0; done < length;) {
        const step = Math.min(reserveStep, length - done)
        const result = fallocate(fd, 0, offset + done, step)
        if (result === 0) done += step
        else if (getSystemErrorName(-koffi.errno()) !== 'EINTR') throw callError(koffi, 'fallocate')
      }
    },
    seal: (fd) => void checked('fcntl', fcntl(fd, addSeals, 'int', allSeals)),
    map(fd, size) {
      const address = mapFile(fd, size, readWrite, copyOnWrite)
      return {
        view(offset, length) {
          // koffi ends the process for it
          if (length > constants.MAX_LENGTH)
            throw new RangeError(
              `${length} bytes are too many for one buffer of Node.js ${process.version}: it has at most ` +
                String(constants.MAX_LENGTH),
            )
          return koffi.view(address + BigInt(offset), length)
        },
      }
    },
    closeOnExec(fd) {
      const flags = checked('fcntl', fcntl(fd, getFlags, 'int', 0))
      checked('fcntl', fcntl(fd, setFlags, 'int', flags | closeOnExecFlag))
    },
  }
}
