// Runs in the command `tsgun doctor`: loads the config, checks this machine against it, and prints what is
// found. It changes nothing.

import { tmpdir } from 'node:os'
import { GenerationLoader } from '../arbiter/reload/generation-loader.ts'
import { ConfigError } from '../config/problems/problem.ts'
import { createCommand, parseArguments, type Arguments } from '../config/sources/flags.ts'
import { checkNode } from '../doctor/checks/node.ts'
import { checkTemporary } from '../doctor/checks/temporary.ts'
import { examine } from '../doctor/examine.ts'
import { checkPackages } from '../doctor/packages.ts'
import { temporarySpace } from '../doctor/facts/temporary.ts'
import { wrong, type Finding } from '../doctor/findings/finding.ts'
import { isWrong, reportJson, reportText } from '../doctor/findings/report.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import { createArbiterLoader } from '../modules/loader.ts'
import { startDirectory } from '../os/process/start-directory.ts'

const help = `Usage: tsgun doctor [--json] [arguments of tsgun]

Checks this machine against the config: Node.js, limits, processors and memory, directories, users and
rights, addresses, nginx in front, containers. Says what to do. Run it as the user that starts tsgun.

Exit code 0 if nothing is wrong (there may be warnings), else 1.
`

/** Resolves with the exit code. */
export async function doctor(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  cwd: string,
): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(help)
    return exitCodes.ok.code
  }
  const given = parseArguments(words, 'command line', createCommand())
  const { config, findings } = await examination(given, environment, cwd)
  const report = given.json ? reportJson : reportText
  process.stdout.write(`${report(config, findings)}\n`)
  return findings.some(isWrong) ? exitCodes.refused.code : exitCodes.ok.code
}

interface Examination {
  readonly config: string | null
  readonly findings: readonly Finding[]
}

/** The config is loaded by code that is stored in TMPDIR. */
async function examination(
  given: Arguments,
  environment: NodeJS.ProcessEnv,
  cwd: string,
): Promise<Examination> {
  const temporary = checkTemporary(temporarySpace(tmpdir()))
  const basics = [checkNode(process.version), ...checkPackages(), temporary]
  if (isWrong(temporary)) return { config: null, findings: basics }
  const directory = startDirectory(environment['PWD'], cwd)
  const loader = new GenerationLoader({
    input: { arguments: given, environment, directory, execArgv: process.execArgv },
    loader: createArbiterLoader(),
    onHookFailure: () => undefined,
  })
  try {
    const { config, workers } = await loader.next()
    process.chdir(config.directory)
    return { config: config.file, findings: await examine({ config, workers, environment }) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { config: null, findings: [...basics, ...error.problems.map(asFinding)] }
  } finally {
    loader.discardAll()
  }
}

function asFinding({ where, name, message }: ConfigError['problems'][number]): Finding {
  const subject = [where, name].filter((part) => part !== '').join(': ')
  return wrong(
    subject === '' ? 'config' : subject,
    message,
    'correct the config, then run tsgun doctor again',
  )
}
