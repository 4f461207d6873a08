// Runs in the arbiter: loads the hook scripts that `hooks` names, and says what is wrong with them.

import { existsSync } from 'node:fs'
import { didYouMean } from '../problems/did-you-mean.ts'
import { loadMessage } from '../problems/load-message.ts'
import { hookNames, type HookName } from './table.ts'
import type { ModuleLoader, Namespace } from '../../modules/loader.ts'
import { show, type Problem } from '../problems/problem.ts'
import { pickHooks, type HookSource } from './runner.ts'

export interface HookScript {
  readonly hooks: ReadonlyMap<HookName, HookSource>
  readonly problems: readonly Problem[]
}

/** Never rejects: a script that cannot be loaded is a problem like any other. */
export async function loadHookScript(file: string, loader: ModuleLoader): Promise<HookScript> {
  if (!existsSync(file))
    return {
      hooks: new Map(),
      problems: [{ where: file, name: '', message: 'there is no such hook script' }],
    }
  try {
    const exported = await loader.load(file)
    const hooks = pickHooks(exported, file)
    const problems = strays(exported, file)
    if (hooks.size > 0 || problems.length > 0) return { hooks, problems }
    const message = `it exports no hook; expected functions named ${hookNames.slice(0, 4).join(', ')}, ...`
    return { hooks, problems: [{ where: file, name: '', message }] }
  } catch (error) {
    const message = `this hook script cannot be loaded: ${loadMessage(error, file)}`
    return { hooks: new Map(), problems: [{ where: file, name: '', message }] }
  }
}

/**
 * A script may export what it likes besides its hooks; a function whose name is nearly that of a hook is a
 * slip, though.
 */
const slip = 2

function strays(exported: Namespace, file: string): Problem[] {
  return Object.entries(exported).flatMap(([name, value]) => {
    const isHook = hookNames.some((hook) => hook === name)
    if (isHook && typeof value !== 'function')
      return [{ where: file, name, message: `expected a function, because it is a hook; got ${show(value)}` }]
    const near = isHook || typeof value !== 'function' ? undefined : didYouMean(name, hookNames, slip)
    return near === undefined
      ? []
      : [{ where: file, name, message: `there is no such hook; did you mean "${near}"?` }]
  })
}
