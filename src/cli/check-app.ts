// `--check-config`, second half: the config is right; a child process, which is a worker that never serves, loads the hooks and the app.

import type { Generation } from '../arbiter/generation.ts'
import { WorkerProcess } from '../arbiter/worker-process.ts'
import type { ErrorReport } from '../ipc/messages.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { LogFiles } from '../logging/log-files.ts'

/** Answers 0, or 1 after the reason was written to standard error. */
export async function checkApp(generation: Generation, version: string): Promise<number> {
  const problem = await findProblem(generation, version)
  if (problem === undefined) {
    process.stdout.write(
      `the config is right${generation.config.file === null ? '' : ` (${generation.config.file})`}, and the app loads\n`,
    )
    return exitCodes.ok.code
  }
  const { message, stack } = problem
  process.stderr.write(`${[`app ${generation.config.settings.app ?? ''}: ${message}`, stack].join('\n').trimEnd()}\n`)
  return exitCodes.refused.code
}

async function findProblem({ config, codeStore, number }: Generation, version: string): Promise<ErrorReport | undefined> {
  const { codeFile, hookFiles, identity } = config
  const settings = { ...config.settings, capture_output: true }
  const watch = { failed: () => undefined, recovered: () => undefined } // the standard error of a command
  const logs = await LogFiles.open({ accesslog: null, errorlog: '-', applog: null }, watch)
  return new Promise((resolve) => {
    let problem: ErrorReport | undefined
    const timer = settings.boot_timeout > 0 ? setTimeout(() => child.kill(), settings.boot_timeout * 1000) : undefined
    const child = new WorkerProcess({
      boot: {
        ...{ nr: 0, age: 0, generation: number, version, settings, identity, hookFiles, codeStore, configFile: codeFile },
        color: { error: false, app: false },
        checkOnly: true,
      },
      listeners: [],
      logs,
      onMessage: (message) => {
        if (message.type === 'boot_failed') problem = message.error
      },
      onUnknownMessage: () => undefined,
      onGarbage: () => undefined,
      onEnd({ code, signal, error }) {
        clearTimeout(timer)
        const how =
          error?.message ?? (signal === null ? `its process exited with code ${code ?? 0}` : `its process was ended by ${signal}`)
        const silent = { message: `${how} while the app was loaded`, stack: '' }
        resolve(problem ?? (code === 0 ? undefined : silent))
      },
    })
  })
}
