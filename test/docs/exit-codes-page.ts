// docs/reference/exit-codes.md, made from the table of exit codes.

import { controlExitCodes, exitCodes } from '../../src/ipc/exit-codes.ts'

const head = `# Exit codes

Of the command \`tsgun\`, and [below](#of-tsgunctl) of \`tsgunctl\`, made from the tables in \`src/ipc/exit-codes.ts\` by \`npm run docs\`. What to do about each message is in
[troubleshooting.md](../troubleshooting.md).
`

const foot = `
A worker process ends with the same codes: 0 when it was told to, 3 when it could not boot, 4 when the app is none. Another code, or a
signal, is told by the master in the error log, and the worker is replaced: only while the server starts does it end the server.
`

const control = `
## Of tsgunctl

What it does is in [control.md](../run/control.md).
`

export function exitCodesPage(): string {
  return `${head}\n${table(exitCodes)}\n${foot}${control}\n${table(controlExitCodes)}\n`
}

function table(codes: Readonly<Record<string, { readonly code: number; readonly meaning: string }>>): string {
  const rows = Object.values(codes).map(({ code, meaning }) => `| ${code} | ${meaning} |`)
  return ['| code | meaning |', '|---|---|', ...rows].join('\n')
}
