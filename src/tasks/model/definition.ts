// What a task module exports, in types. Any process: the module is loaded by the task process, and its types
// are those of the calls in the app.

import type { Logger } from 'pino'

/** What `load` gets. */
export interface LoadContext {
  /** Name of the task in `tasks`. */
  readonly name: string
  /** Number of the process, from 0; its replacement has the same number. */
  readonly nr: number
  /** CPUs for this process: the threads that a native library should use. */
  readonly cpus: number
  /** The app's logger. */
  readonly log: Logger
  /** Aborted when the process has to stop before it is loaded. */
  readonly signal?: AbortSignal
}

/** What `run` gets besides the input. */
export interface RunContext<Model = undefined, Progress = unknown> {
  /** What `load` has returned. */
  readonly model: Model
  /** Aborted when the caller no longer waits, and at the task's `timeout`. */
  readonly signal: AbortSignal
  /**
   * Sends a value to `onProgress` or `stream` of the caller. Resolves when there is room for another one: a
   * task that sends many awaits it. The task fails when 16 MB are unsent.
   */
  readonly progress: (value: Progress) => Promise<void>
  /** Id of the request that has called the task; otherwise an id of its own. */
  readonly id: string
}

/** What `batch.run` gets besides the inputs; `signals` and `ids` in the same order. */
export interface BatchContext<Model = undefined> {
  /** What `load` has returned. */
  readonly model: Model
  /** Aborted, each, when its caller no longer waits. */
  readonly signals: readonly AbortSignal[]
  /** Ids of the requests that have called the task. */
  readonly ids: readonly string[]
}

export interface Batch<Input, Output, Model = undefined> {
  /** The most inputs at a time. */
  readonly max: number
  /** The longest that the first of them waits for more, in milliseconds. Default: 0 */
  readonly max_wait?: number
  /** Returns the outputs in the order of the inputs. An Error fails that input alone. */
  run(
    inputs: readonly Input[],
    context: BatchContext<Model>,
  ): Promise<readonly (Output | Error)[]> | readonly (Output | Error)[]
}

/** A task. It has exactly one of `run` and `batch`. */
export interface TaskDefinition<Input = unknown, Output = unknown, Progress = unknown, Model = undefined> {
  /** Called once in each process, before it takes calls; a good place to run the model for the first time. */
  load?(context: LoadContext): Model | Promise<Model>
  /** Called with one input at a time in each process. */
  run?(input: Input, context: RunContext<Model, Progress>): Output | Promise<Output>
  /** Instead of `run`: called with several inputs at a time. */
  readonly batch?: Batch<Input, Output, Model>
  /** Called before the process ends. */
  unload?(model: Model): void | Promise<void>
}

/**
 * Types a task, the default export of a task module:
 *
 * ```ts
 * export default defineTask({
 *   load: () => createModel(),
 *   run: (image: Buffer, { model, signal }) => model.recognize(image, { signal }),
 * })
 * ```
 *
 * The app calls it by `task<typeof import('./ocr.task.ts')>('ocr').run(image)`. Inputs and outputs are
 * structured clones; of a `Buffer` or typed array only the bytes that it shows are sent.
 */
export function defineTask<Input, Output, Progress = unknown, Model = undefined>(
  definition: TaskDefinition<Input, Output, Progress, Model>,
): TaskDefinition<Input, Output, Progress, Model> {
  return definition
}

/** A definition whose types are not known here: that of a loaded module. */
export type AnyDefinition = TaskDefinition<unknown, unknown, unknown, unknown>
