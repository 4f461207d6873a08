// Runs in a worker or a task process: the calls of one task.

import { machineNow } from '../../os/system/clock.ts'
import type { RunOptions, TaskCalls } from '../model/link.ts'
import { priorities } from '../model/queues.ts'
import { writeRequest } from '../wire/messages.ts'
import { captureCallSite } from './call-site.ts'
import { Call, type CallEnds } from './call.ts'
import type { CallerRequest, TasksOptions } from './options.ts'
import { ProgressStream } from './progress-stream.ts'
import type { CallTarget } from './target.ts'

type Origin = Pick<TasksOptions, 'currentRequest' | 'currentTask' | 'self'>

export class TaskClient implements TaskCalls {
  readonly #target: CallTarget
  readonly #origin: Origin

  constructor(target: CallTarget, origin: Origin) {
    this.#target = target
    this.#origin = origin
  }

  run(input: unknown, options: RunOptions): Promise<unknown> {
    const site = captureCallSite()
    return new Promise((resolve, reject) => void this.#start(input, options, { resolve, reject, site }))
  }

  stream(input: unknown, options: RunOptions): AsyncGenerator<unknown, unknown, undefined> {
    const progress = new ProgressStream()
    const onProgress = (value: unknown): void => progress.push(value)
    const site = captureCallSite()
    return progress.read((ends) => {
      const call = this.#start(input, { ...options, onProgress }, { ...ends, site })
      if (call) ends.started(call)
    })
  }

  /** Returns undefined for a call that is cancelled by now. Throws what makes a call impossible. */
  #start(input: unknown, options: RunOptions, ends: CallEnds): Call | undefined {
    checkOptions(this.#target.name, options)
    const request = this.#origin.currentRequest?.()
    const signals = signalsOf(options, request)
    const aborted = signals.find((signal) => signal.aborted)
    if (aborted) {
      this.#target.statistics.count('cancelled')
      ends.reject(aborted.reason)
      return undefined
    }
    const message = { sentAt: machineNow(), id: this.#idOf(request), chain: this.#chain() }
    return new Call(this.#target, writeRequest(message, input), { ...options, signals }, ends)
  }

  #idOf(request: CallerRequest | undefined): string | undefined {
    if (request) return request.id
    const { ids = [] } = this.#origin.currentTask?.() ?? {}
    return ids.length === 1 ? ids[0] : undefined
  }

  #chain(): readonly string[] {
    const { self, currentTask } = this.#origin
    const chain = currentTask?.()?.chain ?? (self === undefined ? [] : [self])
    const { name } = this.#target
    if (!chain.includes(name)) return chain
    throw new Error(
      `the task ${name} calls itself (${[...chain, name].join(' → ')}): its process would wait for itself ` +
        'and never end; call the function instead',
    )
  }
}

function signalsOf({ signal }: RunOptions, request: CallerRequest | undefined): readonly AbortSignal[] {
  if (signal === undefined) return request ? [request.signal] : []
  return request && request.signal !== signal ? [signal, request.signal] : [signal]
}

function checkOptions(name: string, { timeout, priority }: RunOptions): void {
  if (timeout !== undefined && !(timeout > 0))
    throw new RangeError(
      `the timeout of a call of ${name} is ${timeout}, not a number of milliseconds over 0`,
    )
  if (priority !== undefined && !priorities.includes(priority))
    throw new RangeError(
      `the priority of a call of ${name} is ${String(priority)}, not ${priorities.join(' or ')}`,
    )
}
