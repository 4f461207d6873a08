// What must not fail a single request, with strict clients of each kind at work: the short forms run with all tests, the long ones by
// `npm run test:soak`.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { ask } from './http.ts'
import { strictApp, StrictClient } from './strict-client.ts'
import type { StrictOptions } from './strict-client.ts'
import { createProject, patience, startServer } from './tsgun.ts'
import type { RunningServer } from './tsgun.ts'

export interface Undertaking {
  /** Settings of the config beside app and bind. */
  readonly settings: string
  readonly clients: readonly (StrictOptions & { readonly to: 'tcp' | 'unix' })[]
  readonly run: (server: RunningServer, clients: readonly StrictClient[]) => Promise<void>
}

/** Runs it with the clients at work; no request may fail, and no worker may cut, be killed or die. */
export async function withoutFailure(t: TestContext, { settings, clients: kinds, run }: Undertaking): Promise<void> {
  const project = createProject(t, {
    'app.js': strictApp,
    'server.config.js': `export default { app: './app.js', bind: ['127.0.0.1:0', 'unix:server.sock'], ${settings} }\n`,
  })
  const server = await startServer(project)
  const clients = kinds.map(
    ({ to, ...options }) => new StrictClient(to === 'tcp' ? server.url : `unix:${project.path('server.sock')}`, options),
  )
  await moreAnswers(server, clients, 1)
  try {
    await run(server, clients)
  } finally {
    await Promise.all(clients.map((client) => client.stop()))
  }
  for (const [number, client] of clients.entries()) {
    t.diagnostic(`${JSON.stringify(kinds[number])}: ${client.answered} answers, ${client.announced} connections told to close`)
    client.assertFlawless(() => server.report())
  }
  assert.doesNotMatch(server.stderr, /cut off|is killed|died|uncaught/)
  if (!server.hasExited) await server.stop()
}

/** Waits until each client has so many more. */
export async function moreAnswers(server: RunningServer, clients: readonly StrictClient[], more: number): Promise<void> {
  const goals = clients.map(({ answered }) => answered + more)
  await server.until(`${more} answers more of each client`, () =>
    clients.every(({ answered, failed }, number) => failed > 0 || answered >= (goals[number] ?? 0)),
  )
}

/** So many reloads, each under load. */
export async function reloads(server: RunningServer, clients: readonly StrictClient[], times: number): Promise<void> {
  for (let time = 1; time <= times; time += 1) {
    server.signal('SIGHUP')
    await server.says(new RegExp(`reload done: generation ${time + 1} serves`))
    await moreAnswers(server, clients, 5)
  }
}

/** TTIN and TTOU without waiting for what they do. */
export async function storm(server: RunningServer, clients: readonly StrictClient[], rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const signal of ['SIGTTIN', 'SIGTTIN', 'SIGTTOU'] as const) {
      server.signal(signal)
      await moreAnswers(server, clients, 2)
    }
    server.signal('SIGTTOU')
    await moreAnswers(server, clients, 20)
  }
  await server.until('two workers', () => server.workerPids.length === 2)
}

/** Waits until a path is answered with 503: what a balancer sees of a server that is about to go. */
export async function fails(server: RunningServer, path: string): Promise<void> {
  const giveUpAt = performance.now() + patience
  for (let status = 0; status !== 503;) {
    assert.ok(performance.now() < giveUpAt, `${path} goes on answering ${status}\n${server.report()}`)
    status = (await ask(server.url, path)).status
  }
}
