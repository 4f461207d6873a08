// docs/reference/exit-codes.md, made from the tables of exit codes.

import { controlExitCodes, exitCodes } from '../../src/ipc/exit-codes.ts'
import { entry } from './lines.ts'

const head = `# Exit codes

## tsgun

What to do about each message is in [troubleshooting.md](../troubleshooting.md).
`

const foot = `
A worker process exits with the same codes: 0 when the master ended it, 3 when it could not boot, 4
when its app is not an app. The master logs any other code, or a signal, in the error log and
replaces the worker. A failed worker ends the server only while the server starts.

## tsgunctl

The command is described in [control.md](../run/control.md).
`

export function exitCodesPage(): string {
  return `${head}\n${list(exitCodes)}\n${foot}\n${list(controlExitCodes)}\n`
}

function list(codes: Readonly<Record<string, { readonly code: number; readonly meaning: string }>>): string {
  return Object.values(codes)
    .map(({ code, meaning }) => entry(`**${code}**`, meaning))
    .join('\n')
}
