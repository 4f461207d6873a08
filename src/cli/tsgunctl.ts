// Runs in the command `tsgunctl`: sends one request to the control socket of a server. Its exit codes are in
// ipc/exit-codes.ts. With --socket it does not load the code that reads a config, so that it starts fast.

import './home.ts'
import { CommanderError } from 'commander'
import type { BuiltProgram } from '../config/sources/built-program.ts'
import { send, Unreachable } from '../control/client.ts'
import { controlExitCodes } from '../ipc/exit-codes.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { createControlCommand, type Invocation } from './control-command.ts'
import { logPrinter } from './logs/printer.ts'
import { findSocket, SocketNotFound } from './find-socket.ts'
import { printLogs } from './logs/print.ts'
import { printer } from './print-reply.ts'
import { wantedRecords, WrongOption } from './logs/wanted.ts'

interface GlobalOptions {
  readonly socket?: string
  readonly config?: string
  readonly json?: boolean
}

/** `built`: for a program that `tsgun build` has made. Resolves with the exit code. */
export async function main(words: readonly string[], built?: BuiltProgram): Promise<number> {
  const invocations: Invocation[] = []
  const program = createControlCommand((invocation) => invocations.push(invocation))
  try {
    program.parse(words, { from: 'user' })
    const options: GlobalOptions = program.opts()
    const [first] = invocations
    return first === undefined ? controlExitCodes.usage.code : await run(first, options, built)
  } catch (error) {
    return reportError(error)
  }
}

async function run(
  { name, request, wait, fields }: Invocation,
  { socket, config, json = false }: GlobalOptions,
  built: BuiltProgram | undefined,
): Promise<number> {
  const search = { socket, config, environment: process.env, directory: process.cwd(), built }
  const wanted = name === 'logs' ? wantedRecords(fields) : undefined
  const path = await findSocket(search)
  const streams = { out: process.stdout, err: process.stderr, environment: process.env }
  const output = printer({ name, json, ...streams })
  const onWait = (): unknown => process.stderr.write(`tsgunctl: waiting for the master at ${path} …\n`)
  const response = await send(path, request, { onWait })
  if (wanted !== undefined && response.status === 200)
    return printLogs(path, request, { response, wanted, printer: logPrinter({ json, ...streams }) })
  return wait && response.status === 200 ? output.printProgress(response) : output.print(response)
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? controlExitCodes.done.code : controlExitCodes.usage.code
  if (error instanceof WrongOption) {
    process.stderr.write(`error: ${error.message}\n`)
    return controlExitCodes.usage.code
  }
  if (error instanceof SocketNotFound || error instanceof Unreachable) {
    process.stderr.write(`tsgunctl: ${error.message}\n`)
    return error instanceof SocketNotFound ? controlExitCodes.usage.code : controlExitCodes.unreachable.code
  }
  process.stderr.write(`internal error in tsgunctl; please report it:\n${describeError(error).stack}\n`)
  return controlExitCodes.failed.code
}
