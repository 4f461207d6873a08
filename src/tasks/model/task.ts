// The `task` that users import. Any process. Only the types and the way to the link: what sends and receives
// is installed by the boot of a worker whose config has `tasks`.

import type { TaskDefinition } from './definition.ts'
import { taskLink, type RunOptions, type TaskCalls } from './link.ts'

/** The definition that a module exports. */
type DefinitionOf<Module> = Module extends { readonly default: infer Exported }
  ? DefinitionOf<Exported>
  : Module

type Kind<Input, Output, Progress> = {
  readonly input: Input
  readonly output: Output
  readonly progress: Progress
}

type KindOf<Definition> = unknown extends Definition
  ? Kind<unknown, unknown, unknown>
  : Definition extends TaskDefinition<infer Input, infer Output, infer Progress, unknown>
    ? Kind<Input, Output, Progress>
    : never

/** The input is optional when it may be undefined. */
type Call<Input, Options> = undefined extends Input
  ? [input?: Input, options?: Options]
  : [input: Input, options?: Options]

/** Calls of one task. */
export interface Task<Input = unknown, Output = unknown, Progress = unknown> {
  /** Name in `tasks`. */
  readonly name: string
  /**
   * Runs the task in its process and resolves with its output. Rejects with a `TaskError`, or with the reason
   * of an aborted `signal`. Do not change buffers of the input before it settles: they are not copied.
   */
  run(...call: Call<Input, RunOptions<Progress>>): Promise<Output>
  /**
   * The same, and yields what the task sends by `progress`; the output is what the generator returns. To
   * leave the loop cancels the task. A loop that is slow lets the task wait in `await progress()`.
   */
  stream(
    ...call: Call<Input, Omit<RunOptions<Progress>, 'onProgress'>>
  ): AsyncGenerator<Progress, Output, undefined>
}

/** The calls of a task, by what its module exports. */
export type TaskOf<Module> = Task<
  KindOf<DefinitionOf<Module>>['input'],
  KindOf<DefinitionOf<Module>>['output'],
  KindOf<DefinitionOf<Module>>['progress']
>

/**
 * Returns the calls of a task of the setting `tasks`: `task<typeof import('./ocr.task.ts')>('ocr')`. Throws
 * for a name that is not there. In a program that tsgun has not started, each call is rejected.
 */
export function task<Module = unknown>(name: string): TaskOf<Module> {
  taskLink.find()?.find(name)
  const calls = {
    name,
    run: async (input: unknown, options: RunOptions = {}) => find(name).run(input, options),
    async *stream(input: unknown, options: RunOptions = {}) {
      return yield* find(name).stream(input, options)
    },
  }
  // Parse boundary: that the module of `tasks` is the one of the type is the promise of the caller.
  return calls as unknown as TaskOf<Module>
}

function find(name: string): TaskCalls {
  const link = taskLink.find()
  if (link) return link.find(name)
  throw new Error(
    `the task ${name} has no process to run in: tsgun has not started this program, or its config has no ` +
      'tasks. Start it with "tsgun -c server.config.ts", whose setting tasks names the module of the task',
  )
}
