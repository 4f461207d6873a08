// What authors of a worker class import from 'tsgun/contract', in their tests: the battery that the classes
// of tsgun pass too.

import { after, before, describe } from 'node:test'
import { isAbsolute, resolve } from 'node:path'
import { resolveModule } from '../config/app/resolve-module.ts'
import { isClassName } from '../config/app/worker-class-setting.ts'
import type { SettingsInput } from '../config/settings/input.ts'
import { appFiles, testApp } from './apps.ts'
import { testLimits } from './limits.ts'
import { testReloads } from './reloads.ts'
import { testRequests } from './requests.ts'
import { ContractServer } from './server.ts'
import { testStop } from './stop.ts'

export interface WorkerClassTest {
  /** The value of `worker_class`: `./lanes.ts`, `./lanes.ts:Lanes`, a package, or a name. */
  readonly workerClass: string
  /** Where relative paths start. Default: the working directory. */
  readonly directory?: string
  /** More settings of the servers: what JSON can hold. Those that the battery needs itself win. */
  readonly settings?: SettingsInput
  /**
   * More apps, as the setting `app` names them. Each has to respond to `GET /echo` with JSON that has the
   * `path`, and to `POST /body` with the body that was sent.
   */
  readonly apps?: readonly string[]
  /** The Node.js that the servers run on. Default: that of the tests. */
  readonly node?: string
}

/**
 * Declares the tests of a worker class with `node:test`: apps of each kind, streams, disconnects, hooks,
 * access lines, time limits, reloads without a failed request, the end of a worker, and the drain. Starts two
 * real servers. No test has two requests at one worker at the same time; none may be refused.
 */
export function testWorkerClass(options: WorkerClassTest): void {
  const { directory = process.cwd(), apps = [] } = options
  const found = apps.map((app) => inDirectory(app, directory))
  describe(`the worker class ${options.workerClass}`, { concurrency: true }, () => {
    describe('in one server', { concurrency: false }, () => {
      const server = serverOf(options, directory, '')
      testRequests(server.running)
      testReloads(server.running, (app) => configOf(options, directory, { app, more: '' }), found)
      testStop(server.running)
    })
    describe('with time limits', { concurrency: false }, () => {
      testLimits(serverOf(options, directory, 'request_timeout: 1, timeout: 2,').running)
    })
  })
}

interface Served {
  readonly running: () => ContractServer
}

/** Started before the first test of the suite, and removed after its last one. */
function serverOf(options: WorkerClassTest, directory: string, more: string): Served {
  let server: ContractServer | undefined
  before(async () => {
    const config = configOf(options, directory, { app: testApp, more })
    const files = { ...appFiles, 'server.config.js': config }
    server = new ContractServer({ node: options.node ?? process.execPath, files })
    await server.ready()
  })
  after(() => server?.remove())
  return {
    running() {
      if (server === undefined) throw new Error('the server is not started yet')
      return server
    },
  }
}

const hooks = `
  pre_request: (worker, req) => console.log('pre_request ' + req.url),
  post_request: (worker, req) => console.log('post_request ' + req.url),
  post_worker_init: () => console.log('post_worker_init'),
  worker_exit: () => console.log('worker_exit'),`

function configOf(
  { workerClass, settings }: WorkerClassTest,
  directory: string,
  { app, more }: { readonly app: string; readonly more: string },
): string {
  const name = isClassName(workerClass) ? workerClass : inDirectory(workerClass, directory)
  return `export default {
  ...${JSON.stringify(settings ?? {})},
  app: ${JSON.stringify(app)}, worker_class: ${JSON.stringify(name)},
  bind: ['127.0.0.1:0', 'unix:web.sock'], workers: 1, ${more}
  errorlog: '-', applog: '-', accesslog: 'access.log', access_log_format: 'json', loglevel: 'info', ${hooks}
}\n`
}

/** The reference with an absolute path of its module. */
function inDirectory(reference: string, directory: string): string {
  const [module = '', ...rest] = reference.split(':')
  const file = isAbsolute(module) ? module : resolveModule(module, resolve(directory))
  return [file, ...rest].join(':')
}
