// Runs in the command `tsgun`: the words that may stand first on its command line instead of an app. The code
// of each is loaded only when it is used, so that a start does not pay for it.

import { join } from 'node:path'
import { ownPackage } from '../os/own-code.ts'

export interface Subcommand {
  /** One line for `tsgun --help`. */
  readonly does: string
  /** Gets the words after its own. Resolves with the exit code; rejects with a ConfigError. */
  run(words: readonly string[]): Promise<number>
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  build: {
    does: 'Make one executable file, or a folder, of the config, its modules and tsgun',
    async run(words) {
      const { build } = await import('./build.ts')
      return build(words, process.env, process.cwd())
    },
  },
  doctor: {
    does: 'Check this machine against the config, and say what to do',
    async run(words) {
      const { doctor } = await import('./doctor.ts')
      return doctor(words, process.env, process.cwd())
    },
  },
  init: {
    does: 'Write a config for the app of this directory',
    async run(words) {
      const { init } = await import('./init.ts')
      return init(words, process.cwd())
    },
  },
  migrate: {
    does: 'Write a config from that of PM2, gunicorn or a Procfile',
    async run(words) {
      const { migrateCommand } = await import('./migrate.ts')
      return migrateCommand(words, process.cwd())
    },
  },
  systemd: {
    does: 'Print systemd units for the config',
    async run(words) {
      const { printUnits } = await import('./print-units.ts')
      return printUnits(words, process.env, process.cwd())
    },
  },
}

/** Undefined when the word is no subcommand, but an app or a flag. */
export function subcommandOf(word: string | undefined): Subcommand | undefined {
  return word !== undefined && Object.hasOwn(subcommands, word) ? subcommands[word] : undefined
}

/** In the package. */
const documentation = join(ownPackage, 'docs/README.md')

/** The section `Commands` of `tsgun --help`. */
export function subcommandHelp(): string {
  const width = Math.max(...Object.keys(subcommands).map((name) => name.length))
  const lines = Object.entries(subcommands).map(([name, { does }]) => `  ${name.padEnd(width)}  ${does}`)
  return ['Commands (tsgun COMMAND --help):', ...lines, '', `Documentation: ${documentation}`].join('\n')
}
