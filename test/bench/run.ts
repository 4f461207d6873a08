// `npm run bench`: the ratios that the README quotes, each measured against its baseline in the same run.
// Nothing here passes or fails. `npm run bench -- keep-alive boot` measures some rows only. Needs wrk and ab
// (Debian: wrk, apache2-utils), taskset (util-linux), bash.

import { cpus } from 'node:os'
import { laterWorkers } from './boot.ts'
import { accessLogs } from './logs.ts'
import { markdown, type Row } from './row.ts'
import { removeTemporaryFiles } from './servers.ts'
import { memory, startTimes } from './start.ts'
import { stuckWorkers } from './stuck.ts'
import { keepAlive, newConnections } from './throughput.ts'

const benches: Readonly<Record<string, () => Promise<Row | readonly Row[]>>> = {
  'keep-alive': keepAlive,
  connections: newConnections,
  start: startTimes,
  memory,
  boot: laterWorkers,
  logs: accessLogs,
  stuck: stuckWorkers,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}\n`)
  process.exit(1)
}

process.stdout.write(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}\n`,
)
const rows: Row[] = []
for (const [name, measure] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  process.stderr.write(`measuring ${name} ...\n`)
  rows.push(...[await measure()].flat())
}
removeTemporaryFiles()
process.stdout.write(`\n${markdown(rows)}\n`)
