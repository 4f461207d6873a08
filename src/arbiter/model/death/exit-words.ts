// What an exit code or a signal of a worker means, in words for the error log. Pure.

/** Exit codes of Node.js (https://nodejs.org/api/process.html#exit-codes), and of shells for a signal. */
const codeWords: Readonly<Record<number, string>> = {
  1: 'an uncaught error',
  5: 'a fatal error in V8',
  6: 'an uncaught exception that could not be handled',
  7: 'a handler of uncaughtException that threw',
  9: 'an argument that Node.js does not know (see NODE_OPTIONS)',
  10: 'a failure of Node.js while it started',
  12: 'an address for the debugger that is wrong or in use (see NODE_OPTIONS)',
  13: 'a top-level await that never resolved',
  134: 'SIGABRT, as a shell reports it',
  137: 'SIGKILL, as a shell reports it',
  139: 'SIGSEGV, as a shell reports it',
  143: 'SIGTERM, as a shell reports it',
}

/** What a code may mean: a program can call process.exit with any code, so none is certain. */
export function codeMeaning(code: number): string | undefined {
  if (code === 0) return 'process.exit, called by the app or a library'
  const words = codeWords[code]
  return words === undefined ? undefined : `${words}, or process.exit(${code})`
}

/** Signals by which the kernel ends a process for what it did. */
export const crashWords: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGABRT: 'process.abort(), or a fatal error of V8 or of native code',
  SIGSEGV: 'native code accessed invalid memory, for example an addon, or the stack overflowed',
  SIGBUS: 'native code accessed memory that does not exist, for example of a file that was truncated',
  SIGILL: 'V8 or native code reached a state that it considers impossible',
  SIGTRAP: 'V8 or native code reached a state that it considers impossible',
  SIGFPE: 'native code divided by zero',
  SIGSYS: 'a system call that the sandbox of the service or the container forbids',
}

export const endWords = {
  aborted: 'tsgun aborted it',
  alarm: 'the alarm that tsgun sets in a worker, because its master did not end it in time',
  /** Its app called process.disconnect. */
  disconnected: 'its app has closed the channel to the master (process.disconnect)',
  heap: 'V8 is out of memory; find the leak, or raise the limit with NODE_OPTIONS=--max-old-space-size=MIB',
  kill: 'not by tsgun: by a person, or by the kernel because memory ran out',
  oomKill:
    'by the kernel because memory ran out: the cgroup has counted an OOM kill; use fewer workers or more ' +
    'memory, or find the leak',
  reserve: 'V8 could not reserve addresses for its memory',
  signal: 'not by tsgun',
} as const
