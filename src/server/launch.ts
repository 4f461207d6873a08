// Runs in the command: decides what a prepared server does: check its app, continue in the background, or
// serve.

import { environmentNames } from '../ipc/environment.ts'
import type { LaunchOptions } from './launch-options.ts'
import type { Prepared } from './prepare.ts'
import { serve } from './serve.ts'

/** Resolves with the exit code. Rejects with a ConfigError, a BindError or a LogOpenError. */
export async function launch(prepared: Prepared, options: LaunchOptions): Promise<number> {
  const { first, input } = prepared
  const { readyFd } = options
  const { settings, directory } = first.config
  const isBackground = input.environment[environmentNames.daemonized] === '1'
  // The new arbiter of an upgrade stays in the foreground or background of the old one.
  const mayDetach = !isBackground && options.startup.predecessor === undefined
  if (settings.daemon && !settings.check_config && mayDetach) {
    const { daemonize } = await import('./daemonize.ts')
    return daemonize(options.startup.command, readyFd)
  }
  process.chdir(directory)
  process.cwd() // Node caches it, also for when the directory of this release is removed
  if (settings.check_config) {
    const { checkApp } = await import('./check-app.ts')
    return checkApp(first, options.version, input.environment)
  }
  return serve({ ...options, prepared, isBackground })
}
