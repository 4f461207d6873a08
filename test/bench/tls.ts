// What a handshake costs a server, full ones and resumed ones (openssl s_time): each connection sends one
// request. Counted in time of the processor, because the clients compute as much as the server.

import { execFile, execFileSync } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { childrenOf } from '../helpers/processes.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { cpuSeconds, startBaseline, startTsgun, temporaryFile, type Server } from './servers.ts'
import { numberIn } from './wrk.ts'

const run = promisify(execFile)

const rounds = 7
const seconds = 3
/** At the same time: each waits for its server most of the time. */
const clients = 2

interface Measured extends Pick<Server, 'url'> {
  /** The process that does the handshakes. */
  readonly pid: number
}

/** One worker beside one process. */
export async function handshakes(): Promise<readonly Row[]> {
  const [certfile, keyfile] = makeCertificate()
  const more = ['--certfile', certfile, '--keyfile', keyfile]
  const tsgun = await startTsgun({ app: './hello.js:app', workers: 1, more })
  const bare = await startBaseline('bare-tls.js', certfile, keyfile)
  const worker = { url: tsgun.url, pid: childrenOf(tsgun.pid)[0] ?? 0 }
  try {
    const rows: Row[] = []
    for (const kind of ['new', 'reuse'] as const) {
      for (const server of [worker, bare]) await perCpuSecond(server, kind)
      const measured = await inTurns(rounds, {
        tsgun: () => perCpuSecond(worker, kind),
        other: () => perCpuSecond(bare, kind),
      })
      const name = kind === 'new' ? 'full TLS handshakes' : 'TLS handshakes with a session ticket'
      const facts = { name, baseline: 'bare node:https', unit: 'connections/CPU s', goal: '0.9 or more' }
      rows.push(rowOf(facts, measured))
    }
    return rows
  } finally {
    await Promise.all([tsgun.stop(), bare.stop()])
  }
}

/** RSA: the kind that is the most expensive for a server. */
function makeCertificate(): readonly [string, string] {
  const [certfile, keyfile] = [temporaryFile('tls.pem'), temporaryFile('tls.key')]
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '90', '-subj', '/CN=localhost']
  execFileSync('openssl', [...words, '-keyout', keyfile, '-out', certfile], {
    cwd: dirname(certfile),
    stdio: 'ignore',
  })
  return [certfile, keyfile]
}

async function perCpuSecond({ url, pid }: Measured, kind: 'new' | 'reuse'): Promise<number> {
  const before = cpuSeconds(pid)
  const words = ['s_time', '-connect', new URL(url).host, '-www', '/', `-${kind}`, '-time', String(seconds)]
  const runs = await Promise.all(Array.from({ length: clients }, () => run('openssl', words)))
  const served = runs.map(({ stdout }) => numberIn(stdout, /(\d+) connections in \d+ real seconds/))
  return served.reduce((sum, each) => sum + each, 0) / (cpuSeconds(pid) - before)
}
