// Runs in the command `tsgun`: words that are commands of `tsgunctl`, such as `tsgun stop`. A file of that
// name is `./stop`.

import { commands } from '../control/routes.ts'

/** Commands of other tools, by which somebody means the server itself: a hint says what to write. */
const ambiguous: readonly string[] = ['restart', 'run']

/** Options of `tsgunctl` that may stand before its command, with whether a value follows. */
const options: Readonly<Record<string, boolean>> = {
  '-c': true,
  '--config': true,
  '--socket': true,
  '--json': false,
}

/** Whether the words are a command line of `tsgunctl`. */
export function isControl(words: readonly string[]): boolean {
  let index = 0
  while (words[index]?.startsWith('-')) {
    const [option = '', value] = (words[index] ?? '').split('=')
    if (!Object.hasOwn(options, option)) return false
    index += options[option] && value === undefined ? 2 : 1
  }
  return commands.some((name) => name === words[index] && !ambiguous.includes(name))
}

/** Runs the command. Resolves with its exit code. */
export async function control(words: readonly string[]): Promise<number> {
  // The reader has exited, for example head(1). That is not a failure of the command.
  process.stdout.on('error', () => process.exit(0))
  const { main } = await import('./tsgunctl.ts')
  return main(words)
}
