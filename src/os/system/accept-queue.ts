// Runs in a worker: its place among the event loops that wait for connections to the same socket. The kernel
// wakes one of those that wait with EPOLLEXCLUSIVE: the first one that is idle, in the order in which they
// registered the socket with epoll_ctl(2). Without that it wakes all of them for each connection, and which
// one is faster is left to chance. nginx moves its workers to the end of that order in the same way
// (ngx_reorder_accept_events).
//
// libuv has registered the socket and does not look at it again before it closes it, so that the
// registration can be replaced below it. It must never be there before libuv's own. Linux only.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { endianness } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { bindKoffi, type KoffiModule } from './koffi.ts'

export interface AcceptQueue {
  /** This process waits no longer. Returns false when the event loop does not wait for this socket. */
  leave(fd: number): boolean
  /** It waits again, as the last one, after `leave` has returned true. Returns false without memory. */
  join(fd: number): boolean
}

/** EPOLL_CTL_ADD, EPOLL_CTL_DEL. */
const [add, remove] = [1, 2]
/** EPOLLIN, EPOLLEXCLUSIVE. */
const [readable, exclusive] = [1, 1 << 28]

const isLittleEndian = endianness() === 'LE'
/** Where struct epoll_event has its data, by which libuv finds the handle: it is packed on x86 only. */
const dataOffset = process.arch === 'x64' ? 4 : 8

type Control = (epoll: number, operation: number, fd: number, event: Buffer) => number

/** Returns the calls, or the reason why they are not available. */
export function openAcceptQueue(): AcceptQueue | Error {
  if (process.platform !== 'linux') return new Error('only Linux has epoll')
  return bindKoffi(bindQueue, "the event loop's epoll was not found")
}

function bindQueue(koffi: KoffiModule): AcceptQueue {
  const node = koffi.load(null) // what this process has loaded
  const defaultLoop: () => unknown = node.func('void *uv_default_loop()')
  const backendOf: (loop: unknown) => number = node.func('int uv_backend_fd(void *loop)')
  const control: Control = node.func('int epoll_ctl(int epoll, int operation, int fd, void *event)')
  let epoll = isMainThread ? backendOf(defaultLoop()) : undefined
  const event = Buffer.alloc(dataOffset + 8)
  const view = new DataView(event.buffer, event.byteOffset, event.length)
  view.setUint32(0, readable | exclusive, isLittleEndian)
  return {
    leave(fd) {
      epoll ??= epollWith(fd)
      return epoll !== undefined && control(epoll, remove, fd, event) === 0
    },
    join(fd) {
      if (epoll === undefined) return false
      view.setInt32(dataOffset, fd, isLittleEndian)
      return control(epoll, add, fd, event) === 0
    },
  }
}

/**
 * The epoll of the event loop of a thread, which no function returns: that in which the socket is registered
 * (proc(5), fdinfo). Each thread has a descriptor of its own for each socket.
 */
function epollWith(socket: number): number | undefined {
  const registered = new RegExp(`^tfd:\\s+${socket} `, 'm')
  const found = readdirSync('/proc/self/fd').find((fd) => {
    try {
      const isEpoll = readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[eventpoll]'
      return isEpoll && registered.test(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))
    } catch {
      return false // closed since the directory was read
    }
  })
  return found === undefined ? undefined : Number(found)
}
