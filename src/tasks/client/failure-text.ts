// Runs in a worker: the message of a failed call, as an operator reads it. Pure.

import { machineNow } from '../../os/system/clock.ts'
import { taskCodes, type TaskErrorCode } from '../model/codes.ts'
import type { Begin } from '../wire/messages.ts'
import type { CallTarget } from './target.ts'

interface Failed {
  readonly begun: Begin | undefined
  /** Connections that have ended before the run began. */
  readonly returned: number
}

export function failureText(
  code: TaskErrorCode,
  { name, timeout, maxQueue }: Pick<CallTarget, 'name' | 'timeout' | 'maxQueue'>,
  { begun, returned }: Failed,
): string {
  const task = `the task ${name}`
  switch (code) {
    case 'TASK_QUEUE_FULL':
      return `${task} ${taskCodes[code].meaning}: ${maxQueue}`
    case 'TASK_TIMEOUT':
      return `${task} ${taskCodes[code].meaning}: its timeout is ${timeout / 1000} s${together(begun)}`
    case 'TASK_LOST':
      return begun
        ? `${task} ${taskCodes[code].meaning} ${age(begun)} s after it had begun${together(begun)}`
        : `${task} could not be begun: ${notBegun(returned)}`
    case 'TASK_STOPPING':
    case 'TASK_FAILED':
      return `${task} ${taskCodes[code].meaning}`
  }
}

function age({ startedAt }: Begin): string {
  return ((machineNow() - startedAt) / 1000).toFixed(1)
}

function together(begun: Begin | undefined): string {
  return begun && begun.batch > 1 ? `, in a batch of ${begun.batch}` : ''
}

function notBegun(returned: number): string {
  return returned > 0 ? `${returned} connections to its processes have ended` : 'its queue cannot be reached'
}
