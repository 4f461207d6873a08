// The error of a call of a task. Any process. Frameworks read an HTTP status from it, so that a request whose
// handler does not handle it gets that status.

import { taskCodes, type TaskErrorCode } from './codes.ts'

export interface TaskErrorParts {
  /** Name of the task. */
  readonly task: string
  /** Default: the meaning of the code. */
  readonly message?: string
  /** Seconds. Default: absent. */
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

/** The text that a client gets: not the message, which may be the app's own. */
const publicTexts: Readonly<Record<number, string>> = {
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** Properties that frameworks read: those of http-errors, and for hapi those of Boom. */
function readByFrameworks(
  code: TaskErrorCode,
  retryAfter: number | undefined,
): Readonly<Record<string, unknown>> {
  const { status } = taskCodes[code]
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  const error = publicTexts[status]
  const output = { statusCode: status, headers, payload: { statusCode: status, error, message: error } }
  const statusCode = code === 'TASK_FAILED' ? undefined : status
  return { status, statusCode, expose: false, headers, isBoom: true, isServer: true, output }
}

/**
 * A call of a task has no output. `code` says why:
 *
 * - `TASK_QUEUE_FULL` (status 503): `max_queue` calls wait already; `retryAfter` says in how many seconds
 *   another attempt is worth it
 * - `TASK_STOPPING` (503): the server is stopping
 * - `TASK_TIMEOUT` (504): the task's `timeout`, or that of the call, has passed
 * - `TASK_LOST` (502): the process of the task ended while the task ran
 * - `TASK_FAILED` (500): the task threw; name, message and stack are those of the thrown error, and `cause`
 *   is that error with its own properties
 */
export class TaskError extends Error {
  readonly code: TaskErrorCode
  /** Name of the task. */
  readonly task: string
  /** Seconds after which another attempt may succeed; only for a full queue and a server that stops. */
  declare readonly retryAfter?: number
  /** HTTP status of a response to this error. */
  declare status: number
  /**
   * The same, under the name that Nest reads. Absent for `TASK_FAILED`, because Nest would send the message
   * of the task's own error to the client.
   */
  declare statusCode: number | undefined
  /** Whether a client may read the message, as in http-errors: false. */
  declare expose: boolean
  /** Header fields of a response to this error. */
  declare headers: Readonly<Record<string, string>>

  constructor(code: TaskErrorCode, { task, message, retryAfter, cause }: TaskErrorParts) {
    super(
      message ?? `the task ${task} ${taskCodes[code].meaning}`,
      cause === undefined ? undefined : { cause },
    )
    this.code = code
    this.task = task
    if (retryAfter !== undefined) this.retryAfter = retryAfter
    for (const [key, value] of Object.entries(readByFrameworks(code, retryAfter)))
      Object.defineProperty(this, key, { value, ...hidden })
  }

  /** The response to this error, as Hono asks for it. */
  getResponse(): Response {
    return new Response(publicTexts[this.status] ?? '', { status: this.status, headers: this.headers })
  }
}

/** Not shown by logs; Koa assigns the status again. */
const hidden = { writable: true, configurable: true, enumerable: false }

// On the prototype, as with Node's own errors: no property of each error that every log would print.
Object.defineProperty(TaskError.prototype, 'name', { value: 'TaskError', writable: true, configurable: true })
