// Each worker class passes the battery that authors of a class run too, with an app of each framework.

import { describe } from 'node:test'
import { testWorkerClass } from '../../src/contract/index.ts'
import { workerClasses } from '../../src/serving/classes/table.ts'
import { nodeBinary, repository } from '../helpers/tsgun.ts'

const fixtures = 'test/fixtures/apps'
const apps = [
  './express.ts',
  './fastify.ts',
  './h3.ts',
  './hono.ts',
  './koa.ts',
  './nest/app.ts:createApp()',
].map((app) => app.replace('.', `./${fixtures}`))

const own = './config-examples/custom-class/lanes.ts'

// Each of them mostly waits.
describe('the worker classes', { concurrency: true }, () => {
  for (const workerClass of [...Object.keys(workerClasses), own])
    testWorkerClass({ workerClass, apps, directory: repository, node: nodeBinary })
})
