// Runs in a worker: loads its app, which finds the addresses of `bind` where it would listen by itself.

import { bindAddress, portVariables } from '../../app/listening/bind-address.ts'
import type { Listening } from '../../app/listening/app-listening.ts'
import { loadApp } from '../../app/load.ts'
import type { App, ReportError } from '../../app/model/app.ts'
import { checkPreload } from './check-preload.ts'
import type { BootContext } from './context.ts'

export function loadWorkerApp(context: BootContext, report: ReportError): Promise<App> {
  const { message, output, loader, watch, system } = context
  const reference = message.settings.app ?? ''
  watch.enter(`it is still loading ${reference}`)
  return loadApp({
    reference,
    file: message.appFile,
    load: async (file) => {
      const namespace = await loader.loadMain(file)
      checkPreload(namespace, file, message.shared)
      return namespace
    },
    directory: system.directory(),
    report,
    listening: takeListen(context),
    note: (text) => message.nr === 0 && output.log().info(text), // each worker would say the same
    warn: (text) => message.nr === 0 && output.log().warn(text),
    onSlow: () => watch.enter('its app does not call listen()'),
  })
}

/**
 * Takes over listen(), before the app is loaded. The app gets PORT and HOST of `bind`, unless the config sets
 * them, so that a program which reads them listens where its clients are.
 */
function takeListen({ message, system }: BootContext): Listening {
  const binds = message.listeners.map(({ url }) => bindAddress(url))
  const own = message.settings.env
  system.setVariables(Object.entries(portVariables(binds)).filter(([name]) => !Object.hasOwn(own, name)))
  return system.takeListen(binds)
}
