// Runs in the arbiter: loads the hook scripts of the setting `hooks` and collects their problems.

import { statSync } from 'node:fs'
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

/** Where a script is named, and how. */
export interface ScriptOrigin {
  readonly where: string
  readonly name: string
  readonly text: string
}

/** Never rejects: an error of the script is one of its problems. */
export async function loadHookScript(
  file: string,
  loader: ModuleLoader,
  { where, name, text }: ScriptOrigin,
): Promise<HookScript> {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats?.isFile()) {
    const what = stats === undefined ? `no file ${file}` : `${file} is not a file`
    const from = text === file ? '' : ` (from "${text}")`
    return { hooks: new Map(), problems: [{ where, name, message: `${what}${from}` }] }
  }
  try {
    const exported = await loader.load(file)
    const hooks = pickHooks(exported, file)
    const problems = problemsOf(exported, file)
    if (hooks.size > 0 || problems.length > 0) return { hooks, problems }
    const message = `expected exported hooks (${hookNames.slice(0, 4).join(', ')}, …); got none`
    return { hooks, problems: [{ where: file, name: '', message }] }
  } catch (error) {
    const message = `cannot load this hook script: ${loadMessage(error, { path: file, isCode: true })}`
    return { hooks: new Map(), problems: [{ where: file, name: '', message }] }
  }
}

/** Other exports are allowed, but a function with a name this many edits away from a hook is a typo. */
const typoDistance = 2

function problemsOf(exported: Namespace, file: string): Problem[] {
  return Object.entries(exported).flatMap(([name, value]) => {
    const isHook = hookNames.some((hook) => hook === name)
    if (isHook && typeof value !== 'function')
      return [{ where: file, name, message: `expected a function, because it is a hook; got ${show(value)}` }]
    const near = isHook || typeof value !== 'function' ? undefined : didYouMean(name, hookNames, typoDistance)
    return near === undefined ? [] : [{ where: file, name, message: `unknown hook; did you mean "${near}"?` }]
  })
}
