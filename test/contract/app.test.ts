// Every kind of app, loaded by loadApp as a worker does and served by a bare http.Server, passes the battery.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { tsImport } from 'tsx/esm/api'
import type { Namespace } from '../../src/app/choose-export.ts'
import { loadApp } from '../../src/app/load.ts'
import type { RunningApp } from './app-contract.ts'
import { appContract } from './app-contract.ts'

const directory = fileURLToPath(new URL('../fixtures/apps/', import.meta.url))

type Load = (file: string) => Promise<Namespace>

const plainly: Load = (file) => import(pathToFileURL(file).href)
// tsx reads one tsconfig.json, the repository's; Nest's decorators need the one of the fixture.
const withDecorators: Load = (file) => tsImport(file, { parentURL: import.meta.url, tsconfig: `${directory}nest/tsconfig.json` })

const apps: readonly (readonly [name: string, reference: string, load: Load])[] = [
  ['a request listener', './listener.ts', plainly],
  ['a factory', './factory.ts:createApp()', plainly],
  ['http.Server', './http-server.ts:server', plainly],
  ['an object with fetch', './fetch.ts', plainly],
  ['Express', './express', plainly],
  ['Koa', './koa.ts:default', plainly],
  ['Fastify', './fastify', plainly],
  ['Hono', './hono', plainly],
  ['h3', './h3', plainly],
  ['Nest', './nest/app.ts:createApp()', withDecorators],
]

for (const [name, reference, load] of apps) appContract(name, () => serve(reference, load))

async function serve(reference: string, load: Load): Promise<RunningApp> {
  const log: string[] = []
  const report = (error: unknown): void => void log.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  const app = await loadApp({ reference, load, directory, report })
  await app.startup?.()
  const server = createServer((request, response) => void app.handle(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    reported: () => Promise.resolve(log.join('\n')),
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await app.shutdown?.()
    },
  }
}
