// Runs in the process of one run of a schedule: from its module to the call of run().

import type { App, ServerHandlers } from '../../app/model/app.ts'
import { log } from '../../logging/records/app-log.ts'
import { callsOf, loadNative } from '../../os/system/native.ts'
import { findRun } from '../../services/find-start.ts'
import { RunOnce } from '../../services/run-once.ts'
import { dieWithMaster, throwUncaught } from './boot-runner.ts'
import type { BootContext } from './context.ts'
import { RunnerServing } from './runner-serving.ts'
import type { Booted } from './steps.ts'

export async function bootRun(
  { message, watch, loader, system }: BootContext,
  name: string,
  time: number,
): Promise<Booted> {
  const file = message.appFile ?? ''
  watch.enter(`it is still loading ${file}`)
  const run = findRun(await loader.load(file), file)
  if (!message.checkOnly) dieWithMaster(callsOf(loadNative()), system.masterPid)
  const handlers: { followed?: ServerHandlers } = {}
  const once = new RunOnce({
    name,
    time,
    run,
    log,
    onDone: () => handlers.followed?.done(),
    onFailure: throwUncaught,
  })
  const app: App = {
    kind: 'run',
    handle: () => undefined,
    follow: (followed) => void (handlers.followed = followed),
    listen: () => once.begin(),
  }
  return { app, serving: new RunnerServing(name, once, 'run()') }
}
