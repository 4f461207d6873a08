// docs/exit-codes.md, made from the table of exit codes.

import { exitCodes } from '../../src/ipc/exit-codes.ts'

const head = `# Exit codes

Of the command \`tsgun\`, made from the table in \`src/ipc/exit-codes.ts\` by \`npm run docs\`. What to do about each message is in
[troubleshooting.md](troubleshooting.md).
`

const foot = `
A worker process ends with the same codes: 0 when it was told to, 3 when it could not boot, 4 when the app is none. Another code, or a
signal, is told by the master in the error log, and the worker is replaced: only while the server starts does it end the server.
`

export function exitCodesPage(): string {
  const rows = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`)
  return `${head}\n| code | meaning |\n|---|---|\n${rows.join('\n')}\n${foot}`
}
