// Runs in the command: decides what a server does whose config is loaded: show it, check its app, continue in
// the background, or serve.

import { environmentNames } from '../ipc/environment.ts'
import { CommandHost, type CommandParts } from './command-host.ts'
import { OwnServer } from './own-server.ts'
import type { Prepared, ServerInput } from './prepare.ts'
import { StartError } from './start-error.ts'
import type { CommandStartup } from './startup.ts'

export interface LaunchOptions extends Omit<CommandParts, 'isBackground'> {
  readonly version: string
  readonly startup: CommandStartup
  /** Returns the exit code of `--print-config`. */
  readonly print: (prepared: Prepared) => Promise<number>
}

/** Resolves with the exit code. Rejects with a ConfigError, or with a StartError that no log has. */
export async function launch(input: ServerInput, options: LaunchOptions): Promise<number> {
  const { version, startup, readyFd } = options
  const isBackground = input.environment[environmentNames.daemonized] === '1'
  const host = new CommandHost({ ...options, isBackground })
  const server = new OwnServer({ input, host, version })
  try {
    const prepared = await server.load()
    const { settings, directory } = prepared.first.config
    if (settings.print_config) return await options.print(prepared)
    // The new arbiter of an upgrade stays in the foreground or background of the old one.
    const mayDetach = !isBackground && startup.predecessor === undefined
    if (settings.daemon && !settings.check_config && mayDetach) {
      const { daemonize } = await import('./daemonize.ts')
      return await daemonize(startup.command, readyFd)
    }
    if (settings.check_config) {
      host.enter(directory)
      const { checkApp } = await import('./check-app.ts')
      return await checkApp(prepared.first, version, input.environment)
    }
    return await run(server)
  } finally {
    await server.discard()
  }
}

async function run(server: OwnServer): Promise<number> {
  try {
    await server.start()
  } catch (error) {
    // After a log has it, the server still removes what it has made.
    if (!(error instanceof StartError) || !error.isLogged) throw error
  }
  return await server.ended
}
