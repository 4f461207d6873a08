// Measures benchmarks on the Node.js that runs this file, and prints them as a table. For run.ts beside it.

import { cpus } from 'node:os'
import { benches } from './benches.ts'
import { markdown, type Row } from './row.ts'
import { removeTemporaryFiles } from './servers.ts'

process.stdout.write(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}\n`,
)
const rows: Row[] = []
for (const name of process.argv.slice(2)) {
  process.stderr.write(`measuring ${name} ...\n`)
  rows.push(...[await benches[name]?.()].flat().filter((row) => row !== undefined))
}
removeTemporaryFiles()
process.stdout.write(`\n${markdown(rows)}\n`)
