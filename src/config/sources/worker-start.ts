// Runs in the arbiter, when a config is loaded: what the processes of workers begin with before the config:
// flags of Node.js and the modules of `import`; and the modules of tasks, which some of them run.

import { findPreloads, type Preload } from '../app/preloads.ts'
import { findPreloadFile } from '../app/preload-file.ts'
import { findWorkerClass } from '../app/worker-class-file.ts'
import { findTaskPools, type TaskPlan } from './task-pools.ts'
import type { Problem } from '../problems/problem.ts'
import { listOf } from '../settings/list-of.ts'
import type { SettingName } from '../settings/table.ts'
import { readNodeFlags, type NodeFlagParts, type NodeFlags } from './node-args.ts'
import type { Resolution } from './resolve.ts'

export interface WorkerBeginning {
  readonly beginning: Beginning
  readonly problems: readonly Problem[]
}

export interface Beginning {
  readonly nodeFlags: NodeFlags
  readonly preloads: readonly Preload[]
  readonly tasks: readonly TaskPlan[]
  /** The file of the setting `preload`, without symlinks; null without it. */
  readonly preloadFile: string | null
  /** The file of a worker class of the user; null for one that tsgun has. */
  readonly classFile: string | null
}

const noFlags: NodeFlags = { flags: [], nodeOptions: undefined }

/** Not called with a wrong `chdir`: each path would be reported too. */
export async function readWorkerBeginning(
  { settings, origins, written }: Resolution,
  parts: Omit<NodeFlagParts, 'setting'>,
): Promise<WorkerBeginning> {
  const problem = (name: SettingName, message: string, part?: string): Problem => ({
    where: origins[name],
    name: part === undefined ? written[name] : `${written[name]}.${part}`,
    message,
  })
  const wrongClass = (message: string): Problem => ({
    ...problem('worker_class', message),
    mistake: {
      about: 'value',
      setting: 'worker_class',
      path: [],
      value: settings.worker_class,
      format: 'code',
    },
  })
  const flags = await readNodeFlags({ ...parts, setting: settings.node_args })
  const preload = findPreloadFile(settings.preload, parts.base)
  const ownClass = findWorkerClass(settings.worker_class, parts.base)
  const { modules, problems } = findPreloads(listOf(settings.import), parts.base)
  const tasks = findTaskPools(settings.tasks, parts.base)
  return {
    beginning: {
      nodeFlags: typeof flags === 'string' ? noFlags : flags,
      preloads: modules,
      preloadFile: preload.file,
      classFile: ownClass.file,
      tasks: tasks.pools,
    },
    problems: [
      ...(typeof flags === 'string' ? [problem('node_args', flags)] : []),
      ...problems.map((message) => problem('import', message)),
      ...(preload.problem === undefined ? [] : [problem('preload', preload.problem)]),
      ...(ownClass.problem === undefined ? [] : [wrongClass(ownClass.problem)]),
      ...tasks.problems.map(({ part, message }) => problem('tasks', message, part)),
    ],
  }
}
