// The memory of 4 workers with a table of 256 MB, and the boot of a replacement: shared by preload(), beside
// a server in which each worker loads its own, and beside one without a table.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { childrenOf } from '../helpers/processes.ts'
import { repository } from '../helpers/tsgun.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { proportionalSetSize, startTsgun, temporaryFile, type Server } from './servers.ts'

const workers = 4
const rounds = 5
const megabyte = 1024 * 1024

/** Those of the start read the whole table before they serve; a replacement maps it. */
const apps = {
  'shared.js': `import { shared } from 'tsgun'
export const preload = () => new Float32Array(64 * 1024 * 1024).fill(1)
let table
export function startup() {
  table = shared()
  if (Number(process.env.TSGUN_WORKER_AGE) > ${workers}) return
  for (let at = 0; at < table.length; at += 1024) if (table[at] !== 1) throw new Error('wrong')
}
export default (req, res) => res.end(String(table[5]))\n`,
  'own.js': `const table = new Float32Array(64 * 1024 * 1024).fill(1)
export default (req, res) => res.end(String(table[5]))\n`,
  'bare.js': `export default (req, res) => res.end()\n`,
} as const

export async function preloadedTables(): Promise<Row[]> {
  const directory = temporaryFile('preload')
  mkdirSync(join(directory, 'node_modules'), { recursive: true })
  symlinkSync(repository, join(directory, 'node_modules/tsgun'))
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  for (const [name, text] of Object.entries(apps)) writeFileSync(join(directory, name), text)
  const start = (app: keyof typeof apps): Promise<Server> =>
    startTsgun({
      app: `./${app}`,
      workers,
      more: ['--chdir', directory, '--error-logfile', logOf(app), '--log-format', 'json'],
    })
  const logOf = (app: keyof typeof apps): string => join(directory, `${app}.log`)
  const servers = [await start('shared.js'), await start('own.js'), await start('bare.js')] as const
  const [shared, own, bare] = servers
  try {
    return [
      rowOf(
        {
          name: `memory of ${workers} workers with a table of 256 MB (sum of PSS)`,
          unit: 'MB',
          baseline: 'each worker loads its own',
          goal: '0.4 or less',
        },
        await inTurns(1, { tsgun: () => memoryOf(shared), other: () => memoryOf(own) }),
      ),
      rowOf(
        {
          name: 'boot of a replacement with that table',
          unit: 'ms',
          baseline: 'the same without a table',
          goal: 'at most 50 ms more',
        },
        await inTurns(rounds, {
          tsgun: () => nextBoot(shared, logOf('shared.js')),
          other: () => nextBoot(bare, logOf('bare.js')),
        }),
      ),
    ]
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

function memoryOf({ pid }: Server): Promise<number> {
  const bytes = childrenOf(pid).reduce((sum, each) => sum + proportionalSetSize(each), 0)
  return Promise.resolve(bytes / megabyte)
}

/** Kills a worker. Returns the milliseconds from spawn to ready that the log has for its replacement. */
async function nextBoot({ pid }: Server, log: string): Promise<number> {
  const boots = (): readonly RegExpExecArray[] => [
    ...readFileSync(log, 'utf8').matchAll(/"event":"worker_ready".*?"duration_ms":(\d+)/g),
  ]
  const before = boots().length
  await delay(1100) // a worker that ends sooner after it became ready counts as a failure
  process.kill(childrenOf(pid)[0] ?? 0, 'SIGKILL')
  for (;;) {
    const latest = boots()[before]
    if (latest) return Number(latest[1])
    await delay(20)
  }
}
