// Runs in the command `tsgun systemd`: prints the systemd units for the config, to be reviewed and put into
// /etc/systemd/system.

import { GenerationLoader } from '../arbiter/reload/generation-loader.ts'
import { createCommand, parseArguments } from '../config/sources/flags.ts'
import { createArbiterLoader } from '../modules/loader.ts'
import type { Settings } from '../config/settings/table.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { startDirectory } from '../os/process/start-directory.ts'
import type { UnitFacts } from '../systemd/unit-facts.ts'
import { serviceUnit, socketUnit, unitName } from '../systemd/units.ts'

const help = `Usage: tsgun systemd [--socket] [arguments of tsgun]

Prints a systemd service unit for the config; with --socket also a socket unit.
`

/** Returns the exit code. Rejects with a ConfigError. */
export async function printUnits(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  cwd: string,
): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(help)
    return exitCodes.ok.code
  }
  const own = words.filter((word) => word !== '--socket')
  const input = {
    arguments: parseArguments(own, 'command line', createCommand()),
    environment,
    execArgv: process.execArgv,
    directory: cwd,
  }
  const settings = await settingsOf(input)
  const facts: UnitFacts = {
    node: process.execPath,
    bin: process.argv[1] ?? '',
    words: own,
    settings,
    directory: startDirectory(environment['PWD'], cwd),
    isActivated: words.includes('--socket'),
  }
  process.stdout.write(unitsText(facts))
  return exitCodes.ok.code
}

async function settingsOf(
  input: ConstructorParameters<typeof GenerationLoader>[0]['input'],
): Promise<Settings> {
  const loader = new GenerationLoader({
    input,
    loader: createArbiterLoader(),
    onHookFailure: () => undefined,
  })
  try {
    return (await loader.next()).config.settings
  } finally {
    loader.discardAll()
  }
}

function unitsText(facts: UnitFacts): string {
  if (!facts.isActivated) return serviceUnit(facts)
  const file = `/etc/systemd/system/${unitName(facts)}`
  const socket =
    socketUnit(facts) ??
    '# `bind` has sockets by number or name (fd://), or one for each worker ({nr}): add a ListenStream= ' +
      'with the address of each.\n'
  return `# ${file}.service\n${serviceUnit(facts)}\n# ${file}.socket\n${socket}`
}
