// A real authority of ACME: Debian's `pebble`, on loopback, with a DNS server of its own that says 127.0.0.1
// for every name.

import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { join } from 'node:path'
import { Authority } from './certificates.ts'
import { freePort } from './real-proxy.ts'
import type { Project } from './tsgun.ts'
import { eventually } from './wait.ts'

/** Why a test cannot run; false if it can. */
export const lacksPebble = spawnSync('pebble', ['-h']).error ? 'pebble is not installed' : false

export interface PebbleOptions {
  /** Of its directory; by default one that is free. */
  readonly port?: number
  /** The ports at which it looks for challenges. */
  readonly httpPort?: number
  readonly tlsPort?: number
  /** Names that it refuses. */
  readonly blocked?: readonly string[]
  /** How many percent of its nonces it takes back. */
  readonly badNonces?: number
  /** The only account of a customer, with its key in base64url. */
  readonly customer?: { readonly kid: string; readonly hmac_key: string }
  /** Names that were shown once need not be shown again. */
  readonly reuses?: boolean
  /** It does not look for challenges. */
  readonly alwaysValid?: boolean
}

export interface Pebble {
  /** The URL of its directory. */
  readonly directory: string
  /** The authority of its own server. */
  readonly directoryCa: string
  /** A file with the root of what it issues. */
  readonly root: string
  /** What it has written. */
  output(): string
  /** How many certificates it has issued. */
  issued(): number
  stop(): Promise<void>
}

export async function startPebble(project: Project, options: PebbleOptions = {}): Promise<Pebble> {
  const {
    httpPort = 1,
    tlsPort = 1,
    blocked = [],
    badNonces = 5,
    alwaysValid = false,
    reuses = false,
  } = options
  const [port, managementPort] = [options.port ?? (await freePort()), await freePort()]
  const authority = new Authority(project.directory, 'pebble-server')
  const { certfile, keyfile } = authority.issue({ names: ['localhost', '127.0.0.1'] })
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${managementPort}`,
      certificate: certfile,
      privateKey: keyfile,
      httpPort,
      tlsPort,
      domainBlocklist: blocked,
      externalAccountBindingRequired: options.customer !== undefined,
      externalAccountMACKeys: options.customer && { [options.customer.kid]: options.customer.hmac_key },
    },
  }
  writeFileSync(project.path('pebble.json'), JSON.stringify(config))
  const dns = await startDns()
  const words = ['-strict', '-config', project.path('pebble.json'), '-dnsserver', `127.0.0.1:${dns.port}`]
  const child = spawn('pebble', words, {
    env: {
      ...process.env,
      PEBBLE_VA_NOSLEEP: '1',
      ...(alwaysValid && { PEBBLE_VA_ALWAYS_VALID: '1' }),
      PEBBLE_AUTHZREUSE: reuses ? '100' : '0',
      PEBBLE_WFE_NONCEREJECT: String(badNonces),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const stop = async (): Promise<void> => {
    dns.close()
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  project.onEnd(stop)
  const pem = await eventually(
    'the root of pebble',
    () => get(`https://127.0.0.1:${managementPort}/roots/0`, authority.certfile).catch(() => undefined),
    () => text,
  )
  const root = join(authority.directory, 'root.pem')
  writeFileSync(root, pem)
  return {
    directory: `https://localhost:${port}/dir`,
    directoryCa: authority.certfile,
    root,
    output: () => text,
    issued: () => text.match(/Issued certificate serial/g)?.length ?? 0,
    stop,
  }
}

function get(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.get(url, { ca: readFileSync(ca), agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(text))
    })
    request.on('error', reject)
  })
}

/** Answers each question for an A record with 127.0.0.1, and has no other records (RFC 1035, 4). */
async function startDns(): Promise<{ readonly port: number; readonly close: () => void }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.on('message', (query, { port, address }) => socket.send(answerTo(query), port, address))
  return { port: socket.address().port, close: () => socket.close(() => undefined) }
}

function answerTo(query: Buffer): Buffer {
  let end = 12
  while ((query[end] ?? 0) !== 0) end += 1 + (query[end] ?? 0)
  const question = query.subarray(12, end + 5)
  const isAddress = query.readUInt16BE(end + 1) === 1
  const head = Buffer.from([0, 0, 0x85, 0x80, 0, 1, 0, isAddress ? 1 : 0, 0, 0, 0, 0])
  query.copy(head, 0, 0, 2)
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1])
  return Buffer.concat([head, question, ...(isAddress ? [record] : [])])
}
