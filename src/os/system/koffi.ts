// Any process: koffi, the way to system calls that Node lacks. It is loaded when it is first wanted, and on
// some platforms it has no binary.

import type * as Koffi from 'koffi'
import { createRequire } from 'node:module'
import { getSystemErrorName } from 'node:util'
import { messageOf } from '../error-message.ts'

export type KoffiModule = typeof Koffi

/**
 * Returns what `bind` makes of koffi, or the error with the reason why it makes nothing. `what`: the
 * beginning of that reason.
 */
export function bindKoffi<Bound>(
  bind: (koffi: KoffiModule) => Bound,
  what = 'koffi could not be loaded',
): Bound | Error {
  try {
    const require = createRequire(import.meta.url)
    return bind(require('koffi') as KoffiModule) // the package's own types
  } catch (error) {
    return new Error(`${what}: ${messageOf(error)}`, { cause: error })
  }
}

/** What a call returns, if that is not -1. Throws an error with `code` and `syscall`. */
export type Checked = (call: string, result: number) => number

export function checkedBy(koffi: KoffiModule): Checked {
  return (call, result) => {
    if (result === -1) throw callError(koffi, call)
    return result
  }
}

/** The error of the call that has failed last. */
export function callError(koffi: KoffiModule, call: string): NodeJS.ErrnoException {
  const code = getSystemErrorName(-koffi.errno())
  return Object.assign(new Error(`${call} ${code}`), { code, syscall: call })
}

/** MAP_FAILED of mmap(2): -1 as a pointer. */
const mapFailed = -1n

/** mmap(2) of the first bytes of a file. Returns their address. Throws an error with `code`. */
export type MapFile = (fd: number, size: number, protection: number, flags: number) => bigint

export function mapperOf(koffi: KoffiModule, library: Koffi.LibraryHandle): MapFile {
  const mmap: (...words: readonly [null, number, number, number, number, number]) => unknown = library.func(
    'void *mmap(void *address, size_t size, int protection, int flags, int fd, int64_t offset)',
  )
  return (fd, size, protection, flags) => {
    const address = koffi.address(mmap(null, size, protection, flags, fd, 0))
    if (BigInt.asIntN(64, address) === mapFailed) throw callError(koffi, 'mmap')
    return address
  }
}
