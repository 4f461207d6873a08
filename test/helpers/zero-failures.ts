// What must not fail a single request, with strict clients of each kind at work: the short forms run with all
// tests, the long ones by `npm run test:soak`.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { ask } from './http.ts'
import { count } from './routes.ts'
import { strictApp, StrictClient, type StrictOptions } from './strict-client.ts'
import { createProject, isAlive, killProcess, patience, startServer, type RunningServer } from './tsgun.ts'

export interface Undertaking {
  /** Settings of the config beside app and bind. */
  readonly settings: string
  readonly clients: readonly (StrictOptions & { readonly to: 'tcp' | 'unix' })[]
  readonly run: (server: RunningServer, clients: readonly StrictClient[]) => Promise<void>
}

/** Runs it with the clients at work; no request may fail, and no worker that serves may cut or die. */
export async function withoutFailure(
  t: TestContext,
  { settings, clients: kinds, run }: Undertaking,
): Promise<void> {
  const project = createProject(t, {
    'app.js': strictApp,
    'server.config.js':
      `export default { app: './app.js', bind: ['127.0.0.1:0', 'unix:server.sock'], ` +
      `${settings} ` +
      '}\n',
  })
  const server = await startServer(project)
  const clients = kinds.map(
    ({ to, ...options }) =>
      new StrictClient(to === 'tcp' ? server.url : `unix:${project.path('server.sock')}`, options),
  )
  await moreAnswers(server, clients, 1)
  try {
    await run(server, clients)
  } finally {
    await Promise.all(clients.map((client) => client.stop()))
  }
  for (const [number, client] of clients.entries()) {
    t.diagnostic(
      `${JSON.stringify(kinds[number])}: ${client.answered} answers, ${client.announced} connections ` +
        'told to close',
    )
    client.assertFlawless(() => server.report())
  }
  assert.doesNotMatch(server.stderr, /cut off|died|uncaught/)
  if (!server.hasExited) await server.stop()
}

/** Waits until each client has so many more. */
export async function moreAnswers(
  server: RunningServer,
  clients: readonly StrictClient[],
  more: number,
): Promise<void> {
  const goals = clients.map(({ answered }) => answered + more)
  await server.until(`${more} answers more of each client`, () =>
    clients.every(({ answered, failed }, number) => failed > 0 || answered >= (goals[number] ?? 0)),
  )
}

/** So many reloads, each under load. */
export async function reloads(
  server: RunningServer,
  clients: readonly StrictClient[],
  times: number,
): Promise<void> {
  for (let time = 1; time <= times; time += 1) {
    server.signal('SIGHUP')
    await server.says(new RegExp(`reload done: generation ${time + 1} serves`))
    await moreAnswers(server, clients, 5)
  }
}

/** TTIN and TTOU without waiting for what they do; but one of the new workers serves in each round. */
export async function storm(
  server: RunningServer,
  clients: readonly StrictClient[],
  rounds: number,
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    for (const signal of ['SIGTTIN', 'SIGTTIN', 'SIGTTOU'] as const) await scale(server, signal)
    await server.says(/worker 2 \(pid \d+\) is ready/, round)
    await moreAnswers(server, clients, 20)
    await scale(server, 'SIGTTOU')
  }
  await server.until('two workers', () => server.workerPids.length === 2)
}

/** Waits until it is taken: of signals that wait together the system makes one, or changes their order. */
async function scale(server: RunningServer, signal: 'SIGTTIN' | 'SIGTTOU'): Promise<void> {
  const before = count(server.stderr, /the number of workers goes/)
  server.signal(signal)
  await server.says(/the number of workers goes/, before + 1)
}

/**
 * USR2 so often: the new master serves beside the old one and has `<pidfile>.2`; TERM to the old one promotes
 * it. Each master is the child of the one before, and stays in the process group of the first. The config has
 * to name `server.pid` as the pidfile.
 */
export async function upgrades(
  server: RunningServer,
  clients: readonly StrictClient[],
  times: number,
): Promise<void> {
  const { project } = server
  const pidOf = (file: string): number => (existsSync(project.path(file)) ? Number(project.read(file)) : 0)
  for (let time = 1; time <= times; time += 1) {
    const old = pidOf('server.pid')
    killProcess(old, 'SIGUSR2')
    await server.says(/upgrade: the new master \d+ serves beside this one/, time)
    await moreAnswers(server, clients, 20)
    const heir = pidOf('server.pid.2')
    killProcess(old, 'SIGTERM')
    await server.says(/upgrade done: the old master \d+ has gone/, time)
    assert.equal(pidOf('server.pid'), heir)
    await moreAnswers(server, clients, 20)
  }
  await Promise.all(clients.map((client) => client.stop()))
  const last = pidOf('server.pid')
  killProcess(last, 'SIGTERM') // the first one, which `server` is, has gone
  await server.until('the end of the last master', () => !isAlive(last))
}

/** Waits until a path is answered with 503: what a balancer sees of a server that is about to go. */
export async function fails(server: RunningServer, path: string): Promise<void> {
  const giveUpAt = performance.now() + patience
  for (let status = 0; status !== 503;) {
    assert.ok(performance.now() < giveUpAt, `${path} goes on answering ${status}\n${server.report()}`)
    status = (await ask(server.url, path)).status
  }
}
