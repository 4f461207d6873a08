// How the process of a worker ended, as the operating system reports it. Used by the arbiter.

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Set when no process could be started at all. */
  readonly error?: Error
  /** SIGKILL, and the kernel has counted an OOM kill in this cgroup since it was last asked. */
  readonly oom?: true
  /** It is another program: what its exit code means is not known. */
  readonly foreign?: true
  /** It crashed, and a limit of the user is so low that Node.js may not start: the limit and its remedy. */
  readonly lowLimit?: string
  /** The last lines of its standard error; absent when that is not captured. */
  readonly lastLines?: readonly string[]
}
