// Scenarios that must not fail a single request, with strict clients of each kind: the short forms run with
// all tests, the long ones with `npm run test:soak`.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { ask } from './http.ts'
import { count } from './routes.ts'
import { strictApp, StrictClient, type StrictOptions } from './strict-client.ts'
import { isAlive, killProcess } from './processes.ts'
import { createProject, startServer, type RunningServer } from './tsgun.ts'
import { eventually } from './wait.ts'

export interface Scenario {
  /** Settings of the config besides app and bind. */
  readonly settings: string
  readonly clients: readonly (StrictOptions & { readonly to: 'tcp' | 'unix' })[]
  readonly run: (server: RunningServer, clients: readonly StrictClient[]) => Promise<void>
}

/**
 * Runs a scenario with active clients; no request may fail, and no serving worker may cut off a request or
 * die.
 */
export async function withoutFailure(
  t: TestContext,
  { settings, clients: kinds, run }: Scenario,
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
  await moreResponses(server, clients, 1)
  try {
    await run(server, clients)
  } finally {
    await Promise.all(clients.map((client) => client.stop()))
  }
  for (const [number, client] of clients.entries()) {
    t.diagnostic(
      `${JSON.stringify(kinds[number])}: ${client.responseCount} responses, ${client.closesReceived} connections ` +
        'with Connection: close',
    )
    client.assertFlawless(() => server.report())
  }
  assert.doesNotMatch(server.stderr, /cut off|died|uncaught/)
  if (!server.hasExited) await server.stop()
}

/** Waits until each client has this many more responses. */
export async function moreResponses(
  server: RunningServer,
  clients: readonly StrictClient[],
  more: number,
): Promise<void> {
  const goals = clients.map(({ responseCount }) => responseCount + more)
  await server.until(`${more} more responses to each client`, () =>
    clients.every(({ responseCount, failed }, number) => failed > 0 || responseCount >= (goals[number] ?? 0)),
  )
}

/** Runs this many reloads, each under load. */
export async function reloads(
  server: RunningServer,
  clients: readonly StrictClient[],
  times: number,
): Promise<void> {
  for (let time = 1; time <= times; time += 1) {
    server.signal('SIGHUP')
    await server.says(new RegExp(`reload done: generation ${time + 1} serves`))
    await moreResponses(server, clients, 5)
  }
}

/** Sends TTIN and TTOU without waiting for their effect; but one of the new workers serves in each round. */
export async function scaleRepeatedly(
  server: RunningServer,
  clients: readonly StrictClient[],
  rounds: number,
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    for (const signal of ['SIGTTIN', 'SIGTTIN', 'SIGTTOU'] as const) await scale(server, signal)
    await server.says(/worker 2 \(pid \d+\) is ready/, round)
    await moreResponses(server, clients, 20)
    await scale(server, 'SIGTTOU')
  }
  await server.until('two workers', () => server.workerPids.length === 2)
}

/** Waits until the signal is handled: the system merges or reorders pending signals. */
async function scale(server: RunningServer, signal: 'SIGTTIN' | 'SIGTTOU'): Promise<void> {
  const before = count(server.stderr, /the number of workers changes/)
  server.signal(signal)
  await server.says(/the number of workers changes/, before + 1)
}

/**
 * Runs this many upgrades with USR2: the new master serves beside the old one and has `<pidfile>.2`; TERM to
 * the old one promotes it. Each master is the child of the one before, and stays in the process group of the
 * first. The config has to name `server.pid` as the pidfile.
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
    await moreResponses(server, clients, 20)
    const successor = pidOf('server.pid.2')
    killProcess(old, 'SIGTERM')
    await server.says(/upgrade done: the old master \d+ has exited/, time)
    assert.equal(pidOf('server.pid'), successor)
    await moreResponses(server, clients, 20)
  }
  await Promise.all(clients.map((client) => client.stop()))
  const last = pidOf('server.pid')
  killProcess(last, 'SIGTERM') // the first one, which `server` is, has exited
  await server.until('the exit of the last master', () => !isAlive(last))
}

/** Waits until a path returns 503: what a balancer sees of a server that is about to stop. */
export async function untilUnavailable(server: RunningServer, path: string): Promise<void> {
  const probe = async (): Promise<true | undefined> =>
    (await ask(server.url, path)).status === 503 || undefined
  await eventually(`503 from ${path}`, probe, () => server.report())
}
