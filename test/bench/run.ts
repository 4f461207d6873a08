// `npm run bench`: the ratios that the README quotes, each measured against its baseline in the same run, on
// Node.js 20 and 24. Nothing here passes or fails. `npm run bench -- 24 keep-alive boot` measures some rows
// on one version. Needs wrk, ab and h2load (Debian: wrk, apache2-utils, nghttp2-client), openssl, taskset
// (util-linux), bash.

import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { binaryOf, nodeLines } from '../matrix/binaries.ts'
import { benches } from './benches.ts'

const usualLines = ['20', '24']

const words = process.argv.slice(2)
const lines = words.filter((word) => nodeLines.includes(word))
const names = words.filter((word) => !lines.includes(word))
const unknown = names.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  process.stderr.write(
    `no benchmark ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}, ` +
      `on Node.js ${nodeLines.join(', ')}\n`,
  )
  process.exit(1)
}

for (const line of lines.length > 0 ? lines : usualLines) {
  const { status } = spawnSync(
    binaryOf(line),
    [
      '--import',
      'tsx',
      resolve(import.meta.dirname, 'measure.ts'),
      ...(names.length > 0 ? names : Object.keys(benches)),
    ],
    { stdio: 'inherit' },
  )
  if (status !== 0) process.exitCode = 1
}
