// How a process knows that it is a worker, in all of its threads. Any process.

/** The environment variable that each worker has, and no master. */
export const workerMark = 'TSGUN_WORKER_NR'

/** A worker that still is root: it may change its user later (setuid(2)). */
export function mayChangeUser(): boolean {
  return process.geteuid?.() === 0 && workerMark in process.env
}
