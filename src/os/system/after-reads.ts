// Any process. Timers run before sockets are read: after the event loop was blocked, a limit of time has
// passed by the clock although what the other side has sent in time lies unread in the kernel. What a timer
// decides about the other side is therefore decided after that was read.

/** Calls back when what has arrived by now was read: at the end of this turn of the event loop. */
export function afterReads(callback: () => void): NodeJS.Immediate {
  return setImmediate(callback)
}
