// A real proxy of the system in front of a server under test: nginx, haproxy or Caddy, with a config of
// config-examples. A test that needs one is skipped where it is not installed.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connectTo } from './http.ts'
import { repository, type Project } from './tsgun.ts'
import { eventually } from './wait.ts'

export type ProxyKind = 'nginx' | 'haproxy' | 'caddy'

const programs: Readonly<Record<ProxyKind, { readonly variable: string; readonly version: string }>> = {
  nginx: { variable: 'TSGUN_TEST_NGINX', version: '-v' },
  haproxy: { variable: 'TSGUN_TEST_HAPROXY', version: '-v' },
  caddy: { variable: 'TSGUN_TEST_CADDY', version: 'version' },
}

const programOf = (kind: ProxyKind): string => process.env[programs[kind].variable] ?? kind

/** Returns why a test cannot run; false if it can. */
export function lacks(kind: ProxyKind): string | false {
  return spawnSync(programOf(kind), [programs[kind].version]).error ? `${kind} is not installed` : false
}

/** The text of a file of config-examples, with other texts in place of some. Each of them has to be there. */
export function exampleConfig(file: string, replaced: Readonly<Record<string, string>>): string {
  let text = readFileSync(join(repository, 'config-examples', file), 'utf8')
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

export interface RunningProxy {
  /** Ends it at once: its connections to the server close. */
  readonly stop: () => Promise<void>
}

/** Starts a proxy with this config, and resolves when it accepts at `url`. It ends before the project. */
export async function startProxy(
  project: Project,
  kind: ProxyKind,
  { config, url }: { readonly config: string; readonly url: string },
): Promise<RunningProxy> {
  const file = project.path(`${kind}.conf`)
  project.write(`${kind}.conf`, config)
  const home = {
    HOME: project.directory,
    XDG_DATA_HOME: project.path('data'),
    XDG_CONFIG_HOME: project.path('data'),
  }
  const child = spawn(programOf(kind), commandLine[kind](project, file), {
    cwd: project.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...home },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const ended = await Promise.race([exited, delay(5000, undefined, { ref: false })])
    if (ended === undefined) child.kill('SIGKILL')
    await exited
  }
  project.onEnd(stop)
  await eventually(
    `${kind} to accept`,
    async () => {
      if (child.exitCode !== null) throw new Error(`${kind} has exited\n${output}`)
      return (await accepts(url)) || undefined
    },
    () => output,
  )
  return { stop }
}

const commandLine: Readonly<Record<ProxyKind, (project: Project, file: string) => readonly string[]>> = {
  nginx: ({ directory }, file) => ['-e', 'stderr', '-p', directory, '-c', file, '-g', 'daemon off;'],
  haproxy: (_, file) => ['-db', '-f', file],
  caddy: (_, file) => ['run', '--adapter', 'caddyfile', '--config', file],
}

/** The main part of a config of nginx that runs without the system's files. `http`: for its http block. */
export function nginxConfig(http: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path nginx-${name};`)
    .join(' ')
  const user = process.getuid?.() === 0 ? 'user root;\n' : ''
  return `${user}worker_processes 1;\npid nginx.pid;\nerror_log stderr;\nevents {}\nhttp { access_log off; ${temporary}\n${http}}\n`
}

async function accepts(url: string): Promise<boolean> {
  const socket = connectTo(url)
  const isAccepted = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return isAccepted
}
