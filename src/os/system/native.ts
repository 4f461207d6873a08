// System calls that Node lacks, through koffi. Where koffi has no binary for the platform no call is
// available: each user of one logs that once and continues without it.

import type * as Koffi from 'koffi'
import { endianness } from 'node:os'
import { bindKoffi, checkedBy, type Checked, type KoffiModule } from './koffi.ts'
import { datagramSender, unixBinder, type UnixAddress } from './unix-sockets.ts'

export interface NativeCalls {
  /** listen(2): the kernel queues connections to a bound socket; none is accepted. */
  readonly listen: (fd: number, backlog: number) => void
  /**
   * F_DUPFD_CLOEXEC of fcntl(2): a second descriptor for the same open file, which child processes do not
   * inherit.
   */
  readonly dup: (fd: number) => number
  /** close(2), for what `dup` returns: in a thread Node.js warns when `fs` closes what it has not opened. */
  readonly close: (fd: number) => void
  /** RLIMIT_NOFILE of getrlimit(2): how many descriptors this process may have open. */
  readonly descriptorLimit: () => number
  /** dup2(2): makes descriptor `to` mean the open file of `from`. */
  readonly dup2: (from: number, to: number) => void
  /**
   * socket(2) and bind(2) for a unix socket: libuv would unlink the path when it closes the handle, even if
   * another process's socket is there by then. Linux only: elsewhere the address has another layout.
   */
  readonly bindUnix: ((path: string) => number) | undefined
  /** alarm(2): SIGALRM ends this process after this many seconds; a new call replaces it, 0 cancels it. */
  readonly alarm: (seconds: number) => void
  /** PR_SET_PDEATHSIG of prctl(2): the kernel kills this process when its parent exits. Linux only. */
  readonly dieWithParent: (() => void) | undefined
  /**
   * flock(2): applies an operation to an open file. Throws EAGAIN when it would have to wait and LOCK_NB is
   * set.
   */
  readonly flock: (fd: number, operation: number) => void
  /**
   * Sends one datagram to a unix socket without blocking (connect(2), send(2)). Linux only: elsewhere the
   * address has another layout.
   */
  readonly sendDatagram: ((address: UnixAddress, text: string) => void) | undefined
  /**
   * Makes a listening TCP socket ignore new connections, or accept them again. Established connections stay,
   * and a handshake that has begun is completed. Linux only.
   */
  readonly ignoreNewConnections: ((fd: number, ignore: boolean) => void) | undefined
  /**
   * How many bytes the kernel has taken for a TCP connection since it was opened; undefined for another kind
   * of socket. Linux only.
   */
  readonly sentBytes: ((fd: number) => number | undefined) | undefined
}

const libraries: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'libc.so.6',
  darwin: 'libSystem.B.dylib',
}

const isLittleEndian = endianness() === 'LE'

/** The number of F_DUPFD_CLOEXEC. */
const duplicateCommand = process.platform === 'darwin' ? 67 : 1030

/** RLIMIT_NOFILE. */
const openFilesLimit = process.platform === 'darwin' ? 8 : 7

/**
 * Returns the calls, or the reason why they are not available. A user of the calls loads them once: each load
 * takes memory that is not freed.
 */
export function loadNative(): NativeCalls | Error {
  const library = libraries[process.platform]
  if (library === undefined) return new Error(`the C library of ${process.platform} is not known to tsgun`)
  return bindKoffi((koffi) => bindCalls(koffi, library))
}

/** The calls where there are any. */
export function callsOf(native: NativeCalls | Error): NativeCalls | undefined {
  return native instanceof Error ? undefined : native
}

function bindCalls(koffi: KoffiModule, library: string): NativeCalls {
  const libc = koffi.load(library)
  const listen: (fd: number, backlog: number) => number = libc.func('int listen(int fd, int backlog)')
  const close: (fd: number) => number = libc.func('int close(int fd)')
  const dup2: (from: number, to: number) => number = libc.func('int dup2(int from, int to)')
  const fcntl: (fd: number, command: number, type: 'int', least: number) => number = libc.func(
    'int fcntl(int fd, int cmd, ...)',
  )
  const getrlimit: (resource: number, limits: BigUint64Array) => number = libc.func(
    'int getrlimit(int resource, void *limits)',
  )
  const alarm: (seconds: number) => number = libc.func('unsigned int alarm(unsigned int seconds)')
  const flock: (fd: number, operation: number) => number = libc.func('int flock(int fd, int operation)')
  const checked = checkedBy(koffi)
  return {
    listen: (fd, backlog) => void checked('listen', listen(fd, backlog)),
    dup: (fd) => checked('dup', fcntl(fd, duplicateCommand, 'int', 0)),
    close: (fd) => void checked('close', close(fd)),
    descriptorLimit() {
      const limits = new BigUint64Array(2) // struct rlimit: the soft and the hard limit
      checked('getrlimit', getrlimit(openFilesLimit, limits))
      return Number(limits[0])
    },
    dup2: (from, to) => void checked('dup2', dup2(from, to)),
    bindUnix: process.platform === 'linux' ? unixBinder(libc, checked, 'stream') : undefined,
    alarm: (seconds) => void alarm(seconds),
    dieWithParent: process.platform === 'linux' ? parentDeathSignal(libc, checked) : undefined,
    flock: (fd, operation) => void checked('flock', flock(fd, operation)),
    sendDatagram: process.platform === 'linux' ? datagramSender(libc, checked) : undefined,
    ignoreNewConnections:
      process.platform === 'linux' ? newConnectionFilter(koffi, libc, checked) : undefined,
    sentBytes: process.platform === 'linux' ? sentBytesReader(libc) : undefined,
  }
}

/** PR_SET_PDEATHSIG of prctl(2), and the number of SIGKILL. */
const [setDeathSignal, killSignal] = [1, 9]

function parentDeathSignal(libc: Koffi.LibraryHandle, checked: Checked): () => void {
  const prctl: (option: number, ...words: readonly number[]) => number = libc.func(
    'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
  )
  return () => void checked('prctl', prctl(setDeathSignal, killSignal, 0, 0, 0))
}

/** SOL_SOCKET, SO_ATTACH_FILTER and SO_DETACH_FILTER of socket(7). */
const [socketLevel, attachFilter, detachFilter] = [1, 26, 27]

/**
 * A classic BPF program, as rows of struct sock_filter: code, jump if true, jump if false, k. It drops SYN
 * without ACK.
 */
const dropNewConnections = [
  [0x30, 0, 0, 13], // load the flags byte of the TCP header
  [0x54, 0, 0, 0x12], // keep SYN and ACK
  [0x15, 0, 1, 0x02], // is it SYN alone?
  [0x06, 0, 0, 0], // drop
  [0x06, 0, 0, 0xffff], // pass
] as const

function newConnectionFilter(
  koffi: KoffiModule,
  libc: Koffi.LibraryHandle,
  checked: Checked,
): (fd: number, ignore: boolean) => void {
  const program = koffi.struct({ length: 'uint16', filter: 'void *' }) // struct sock_fprog
  const pointer = koffi.pointer(program)
  const setsockopt: (
    ...words: readonly [fd: number, level: number, name: number, value: object, size: number]
  ) => number = libc.func('setsockopt', 'int', ['int', 'int', 'int', pointer, 'uint32'])
  const filter = Buffer.from(
    new Uint8Array(
      dropNewConnections.flatMap(([code, yes, no, k]) => [
        ...new Uint8Array(new Uint16Array([code]).buffer),
        yes,
        no,
        ...new Uint8Array(new Uint32Array([k]).buffer),
      ]),
    ),
  )
  return (fd, ignore) => {
    const value = ignore ? { length: dropNewConnections.length, filter } : { length: 0, filter: null }
    checked(
      'setsockopt',
      setsockopt(fd, socketLevel, ignore ? attachFilter : detachFilter, value, koffi.sizeof(program)),
    )
  }
}

/** IPPROTO_TCP and TCP_INFO of tcp(7). */
const [tcpLevel, tcpInfo] = [6, 11]

/** Where struct tcp_info of linux/tcp.h has its figures, and its size with all of them (Linux 4.19). */
const tcpInfoLayout = { notSent: 144, sent: 200, sentAgain: 208, size: 216 }

function sentBytesReader(libc: Koffi.LibraryHandle): (fd: number) => number | undefined {
  const getsockopt: (
    ...words: readonly [fd: number, level: number, name: number, value: Buffer, size: Uint32Array]
  ) => number = libc.func('int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *size)')
  return (fd) => {
    const info = Buffer.alloc(tcpInfoLayout.size)
    const size = new Uint32Array([info.length])
    if (getsockopt(fd, tcpLevel, tcpInfo, info, size) === -1 || (size[0] ?? 0) < info.length) return undefined
    const words = new DataView(info.buffer, info.byteOffset, info.length)
    const wide = (offset: number): number => Number(words.getBigUint64(offset, isLittleEndian))
    const notSent = words.getUint32(tcpInfoLayout.notSent, isLittleEndian)
    return wide(tcpInfoLayout.sent) - wide(tcpInfoLayout.sentAgain) + notSent
  }
}
