// A real app, unedited: a first 200, ten reloads under strict clients without a failed request, a clean stop.

import type { TestContext } from 'node:test'
import { StrictClient } from './strict-client.ts'
import { startServer, type Project } from './tsgun.ts'
import { moreResponses, reloads } from './zero-failures.ts'

export interface RealApp {
  /** The directory that it is started in, in the project. */
  readonly directory: string
  /** The arguments of tsgun besides the address and the number of workers. */
  readonly arguments: readonly string[]
  /** The path of the command in the project, by default the repository's. */
  readonly bin?: string
  readonly path: string
  readonly body: RegExp
  readonly environment?: NodeJS.ProcessEnv
  /** Default: 2. */
  readonly workers?: number
}

/** `before` and `after`: what else has to work before the first and after the last reload. */
export interface Extras {
  before(url: string): Promise<void>
  after(): Promise<void>
}

export async function serveRealApp(
  t: TestContext,
  project: Project,
  { directory, arguments: words, bin, path, body, environment = {}, workers = 2 }: RealApp,
  extras?: Extras,
): Promise<void> {
  const began = performance.now()
  const server = await startServer(project, {
    directory: project.path(directory),
    arguments: ['-b', '127.0.0.1:0', '-w', String(workers), ...words],
    environment,
    ...(bin === undefined ? {} : { bin: project.path(bin) }),
  })
  const clients = [
    new StrictClient(server.url, { connections: 4, path, body }),
    new StrictClient(server.url, { connections: 2, fresh: true, path, body }),
  ]
  await moreResponses(server, clients, 1)
  t.diagnostic(`first 200 after ${Math.round(performance.now() - began)} ms`)
  try {
    await extras?.before(server.url)
    await reloads(server, clients, 10)
    await extras?.after()
  } finally {
    await Promise.all(clients.map((client) => client.stop()))
  }
  for (const client of clients) client.assertFlawless(() => server.report())
  await server.stop()
}
