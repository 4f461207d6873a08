// Runs in the arbiter: the queues of the task pools of a generation. A queue is the backlog of a unix socket
// that the arbiter binds and never accepts on: it survives each process of the pool, and tasks never pass
// through the arbiter. The sockets lie in the directory of the generation's code, which others cannot enter.

import type { TaskPlan } from '../../config/sources/task-pools.ts'
import { hasOtherUsers } from '../../config/sources/service-plans.ts'
import { BindError, explain } from '../../listen/bind-error.ts'
import { bindPath, type Listener } from '../../listen/listener.ts'
import type { NativeCalls } from '../../os/system/native.ts'
import { backlogOf, queuePath, type Priority } from '../../tasks/model/queues.ts'
import type { Generation, GenerationTask } from '../model/generation.ts'

/** Only the user of the workers may connect; with services of other users, also their group. */
const [ownUmask, sharedUmask] = [0o177, 0o117]

/** Opens the queues of all task pools, or none. Rejects with a BindError. */
export async function openQueues(
  { config, codeStore }: Pick<Generation, 'config' | 'codeStore'>,
  native: NativeCalls | undefined,
): Promise<readonly GenerationTask[]> {
  const tasks: GenerationTask[] = []
  const opened: Listener[] = []
  const umask = hasOtherUsers(config) ? sharedUmask : ownUmask
  const open = async ({ name, max_queue }: TaskPlan, priority: Priority): Promise<Listener> => {
    const path = queuePath(codeStore, name, priority)
    const options = { backlog: backlogOf(max_queue), umask, owner: config.identity, native }
    const listener = await bindPath(path, path, options).catch((error: unknown) => {
      throw new BindError(`the queue of the task ${name}: ${explain({ kind: 'unix', path }, error)}`, {
        cause: error,
      })
    })
    opened.push(listener)
    return listener
  }
  try {
    for (const plan of config.tasks) {
      const high = await open(plan, 'high')
      tasks.push({ plan, queues: { high, normal: await open(plan, 'normal') } })
    }
    return tasks
  } catch (error) {
    for (const listener of opened) listener.close({ keepFile: false })
    throw error
  }
}

/** No process of the generation is left. A second call does nothing. */
export function closeQueues(tasks: readonly GenerationTask[]): void {
  for (const { queues } of tasks)
    for (const listener of [queues.high, queues.normal]) listener.close({ keepFile: false })
}
