// Runs in the commands `tsgun init` and `tsgun migrate`: their command line, their output, and the end with
// an exit code for a user's mistake.

import { exitCodes } from '../ipc/exit-codes.ts'
import { SetupError } from '../setup/setup-error.ts'

export interface SetupWords {
  /** The word of the command line, if there is one. */
  readonly operand: string | undefined
  readonly directory: string
  /** Prints lines to standard output. */
  readonly say: (...lines: readonly string[]) => void
}

export interface SetupCommand {
  readonly name: string
  readonly help: string
  readonly words: readonly string[]
  readonly directory: string
  /** Throws a SetupError, or a SyntaxError for a file of the project that cannot be parsed. */
  run(words: SetupWords): void | Promise<void>
}

/** Resolves with the exit code. */
export async function runSetup({ name, help, words, directory, run }: SetupCommand): Promise<number> {
  const say = (...lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`)
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(help)
    return exitCodes.ok.code
  }
  try {
    const [operand, ...more] = words
    const flag = words.find((word) => word.startsWith('-'))
    if (flag !== undefined) throw new SetupError(`unknown flag ${flag} (see tsgun ${name} --help)`)
    if (more.length > 0) throw new SetupError(`expected one file; got ${words.join(', ')}`)
    await run({ operand, directory, say })
    return exitCodes.ok.code
  } catch (error) {
    if (!(error instanceof SetupError) && !(error instanceof SyntaxError)) throw error
    process.stderr.write(`tsgun ${name}: ${error.message}\n`)
    return exitCodes.refused.code
  }
}
