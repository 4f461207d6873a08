// Runs in the arbiter: starts a helper process of tsgun, which runs no code of the user: that of ACME, the
// broker of the bus. Of its output only the reason of a crash is of interest.

import { spawnProcess, type SpawnedProcess } from './spawn.ts'

/** Characters of its output that are kept, for a process that crashes. */
const kept = 2000
/** With DEBUG libraries would print what they send; flags of Node.js are for the app. */
const notInherited: readonly string[] = ['DEBUG', 'NODE_OPTIONS']

export interface HelperOptions {
  readonly entry: string
  /** Of the server. */
  readonly environment: NodeJS.ProcessEnv
  /** Descriptors of sockets that it inherits. */
  readonly inherit?: readonly number[]
}

export interface HelperEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** It could not be started. */
  readonly error: Error | undefined
  /** The line of its output with the error, of a process that has crashed. */
  readonly crash: string | undefined
}

export interface HelperHandlers {
  onMessage(message: unknown): void
  /** Called once. */
  onEnd(end: HelperEnd): void
}

export function spawnHelper(
  { entry, environment, inherit = [] }: HelperOptions,
  { onMessage, onEnd }: HelperHandlers,
): SpawnedProcess {
  const variables = Object.entries(environment).filter(([name]) => !notInherited.includes(name))
  let output = ''
  const child = spawnProcess(
    {
      entry,
      environment: Object.fromEntries(variables),
      nodeFlags: [],
      directory: '/',
      inherit,
      output: 'pipe',
    },
    {
      onMessage,
      onEnd: (code, signal, error) => onEnd({ code, signal, error, crash: errorIn(output) }),
    },
  )
  child.stdout?.resume()
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-kept)))
  return child
}

function errorIn(output: string): string | undefined {
  return output.split('\n').find((line) => /^\S*Error\b|^FATAL ERROR/.test(line))
}
