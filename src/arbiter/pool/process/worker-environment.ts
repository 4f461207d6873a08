// Runs in the arbiter: the environment variables that a worker process is started with. Pure.

import { environmentNames, notForWorkers } from '../../../ipc/environment.ts'
import type { NodeFlags } from '../../../config/sources/node-args.ts'
import type { Account } from '../../../os/process/account.ts'
import { setVariable } from '../../../os/variables.ts'
import { cpuShare } from '../../model/cpu-share.ts'
import type { Generation } from '../../model/generation.ts'
import type { WorkerRecord } from '../../model/worker-record.ts'

type EnvironmentSource = Pick<
  Generation,
  'config' | 'environment' | 'task' | 'service' | 'tasks' | 'workers' | 'cpus'
>

/** Later ones win: the files of `env_file`, the environment of the master, `env`. */
export function workerEnvironment(
  { nr, age }: Pick<WorkerRecord, 'nr' | 'age'>,
  generation: EnvironmentSource,
): NodeJS.ProcessEnv {
  const { config, environment, task, service } = generation
  const inherited = environment()
  for (const name of notForWorkers) Reflect.deleteProperty(inherited, name)
  return {
    ...config.fileVariables,
    ...ofUser(withNodeOptions(inherited, config.nodeFlags.nodeOptions), config.identity.account),
    ...config.settings.env,
    [environmentNames.workerNr]: String(nr),
    [environmentNames.workerAge]: String(age),
    [environmentNames.cpus]: String(cpuShare(generation)),
    ...(task && { [environmentNames.task]: task.name }),
    ...(service && { [environmentNames.service]: service.name }),
  }
}

/** Those of the master's start; a config or a hook may have set others, which start at `chdir`. */
function withNodeOptions(inherited: NodeJS.ProcessEnv, options: NodeFlags['nodeOptions']): NodeJS.ProcessEnv {
  if (options === undefined || inherited['NODE_OPTIONS'] !== options.written) return inherited
  return { ...inherited, NODE_OPTIONS: options.absolute }
}

/** The names by which programs find the home directory and the name of their user (environ(7)). */
function ofUser(inherited: NodeJS.ProcessEnv, account: Account | undefined): NodeJS.ProcessEnv {
  if (account === undefined) return inherited
  const { home, name } = account
  const variables = { ...inherited, HOME: home }
  for (const variable of ['USER', 'LOGNAME']) setVariable(variables, variable, name)
  return variables
}
