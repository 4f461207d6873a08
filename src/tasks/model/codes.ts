// Why a task has not returned its output: the codes of TaskError. Any process. Pure.

interface CodeRow {
  /** The HTTP status of a request whose handler does not handle the error. */
  readonly status: number
  /** Follows "the task ocr". */
  readonly meaning: string
}

export const taskCodes = {
  TASK_QUEUE_FULL: { status: 503, meaning: 'has as many waiting calls as max_queue allows' },
  TASK_STOPPING: { status: 503, meaning: 'takes no more calls, because the server is stopping' },
  TASK_TIMEOUT: { status: 504, meaning: 'took too long' },
  TASK_LOST: { status: 502, meaning: 'was lost, because its process ended' },
  TASK_FAILED: { status: 500, meaning: 'has failed' },
} as const satisfies Readonly<Record<string, CodeRow>>

export type TaskErrorCode = keyof typeof taskCodes

export function isTaskCode(code: unknown): code is TaskErrorCode {
  return typeof code === 'string' && Object.hasOwn(taskCodes, code)
}
