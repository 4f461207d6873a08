// @fastify/autoload loads TypeScript plugins on every Node.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

for (const type of ['module', 'commonjs']) {
  test(`@fastify/autoload loads plugins in TypeScript, type ${type}`, async (t) => {
    const project = createProject(
      t,
      {
        'package.json': JSON.stringify({ type }),
        'app.ts': `import fastify from 'fastify'
          import autoload from '@fastify/autoload'
          import { join } from 'node:path'
          export function create() {
            const app = fastify()
            app.register(autoload, { dir: join(import.meta.dirname, 'routes') })
            return app
          }`,
        'routes/orders/index.ts': `import type { FastifyInstance } from 'fastify'
          enum Order { Tea = 'tea' }
          export default async (app: FastifyInstance) => { app.get('/', async () => [Order.Tea]) }`,
      },
      ['fastify', '@fastify/autoload'],
    )
    const server = await startServer(project, {
      arguments: ['./app.ts:create()', '-b', '127.0.0.1:0', '-w', '1'],
    })
    assert.equal((await ask(server.url, '/orders')).body, '["tea"]')
    await server.stop()
  })
}
