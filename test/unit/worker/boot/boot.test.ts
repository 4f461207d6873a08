// The boot of a worker, step by step, with an app and hooks that exist only in memory.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { BootMessage } from '../../../../src/ipc/messages.ts'
import type { Logger } from '../../../../src/logging/records/logger.ts'
import { RequestIds } from '../../../../src/logging/records/request-id.ts'
import { RequestLogs } from '../../../../src/logging/records/request-log.ts'
import { createBootSteps } from '../../../../src/worker/boot/boot.ts'
import type { BootSteps } from '../../../../src/worker/boot/steps.ts'
import { ask } from '../../../helpers/http.ts'
import { bootMessage } from '../fake-worker.ts'
import { noListening } from '../../app/no-listening.ts'

interface Setup {
  readonly steps: BootSteps
  /** What happened, in its order. */
  readonly events: string[]
  readonly accessLines: string[]
}

interface Options {
  readonly values?: Readonly<Record<string, unknown>>
  readonly message?: Partial<BootMessage>
  /** What the files export, by their paths. */
  readonly files: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly isRoot?: boolean
}

function setup(t: TestContext, { values = {}, message, files, isRoot = false }: Options): Setup {
  const codeStore = mkdtempSync(join(tmpdir(), 'tsgun-boot-test-'))
  writeFileSync(join(codeStore, 'generation'), '')
  t.after(() => rmSync(codeStore, { recursive: true }))
  const events: string[] = []
  const accessLines: string[] = []
  const log = {
    error: (fields: { err: Error }, text: string) => events.push(`log: ${text} (${fields.err.message})`),
  }
  const load = (file: string): Promise<Readonly<Record<string, unknown>>> => {
    events.push(`load ${file}`)
    return Promise.resolve(files[file] ?? assert.fail(file))
  }
  const steps = createBootSteps({
    message: bootMessage({ app: './app.js:app', ...values }, { codeStore, ...message }),
    output: {
      log: () => log as unknown as Logger, // only this method is used
      requests: new RequestLogs(new RequestIds(), () => log as unknown as Logger),
      writeAccess: (line) => accessLines.push(line),
    },
    loader: { load, loadMain: load },
    watch: {
      board: undefined,
      enter: (step) => void events.push(step),
      beginTask: () => undefined,
      endAt: () => undefined,
      endTask: () => undefined,
    },
    system: {
      pid: 51,
      masterPid: 50,
      version: '1.2.3',
      directory: () => '/srv',
      isRoot: () => isRoot,
      takeOnIdentity: ({ uid }) => void events.push(`identity ${uid}`),
      setVariables: () => undefined,
      takeListen: () => noListening,
    },
    certificates: { open: () => Promise.resolve(undefined) },
    clientLimit: undefined,
    reportRunning: () => undefined,
    onBusUsed: () => undefined,
    reportLease: () => undefined,
  })
  return { steps, events, accessLines }
}

const identity = { uid: 33, gid: undefined, initgroups: undefined, account: undefined }

/** An app that sends `text` and records its moments. */
function appFile(events: string[], text = 'hello'): Readonly<Record<string, unknown>> {
  const app: RequestListener = (_, response) => void response.end(text)
  return { app, startup: () => void events.push('startup') }
}

test('the steps of a boot come in their order, and the server is known to post_worker_init', async (t) => {
  const events: string[] = []
  const { steps, events: seen } = setup(t, {
    message: { configFile: '/srv/server.config.js', hookFiles: ['/srv/hooks.js'], identity },
    files: {
      '/srv/server.config.js': {
        default: {
          post_fork: (server: { pid: number }, { pid, server: own }: { pid: number; server: unknown }) =>
            seen.push(`post_fork ${server.pid} ${pid} ${own === null}`),
        },
      },
      '/srv/hooks.js': {
        post_worker_init: ({ server }: { server: unknown }) =>
          seen.push(`post_worker_init ${server !== null}`),
      },
      '/srv/app.js': appFile(events),
    },
  })
  const beginning = await steps.begin()
  assert.deepEqual(seen, [
    'it is still loading /srv/server.config.js',
    'load /srv/server.config.js',
    'it is still loading /srv/hooks.js',
    'load /srv/hooks.js',
  ])
  seen.length = 0
  const { app, serving } = await steps.boot(beginning)
  assert.deepEqual(seen, [
    'it is still in the hook post_fork',
    'post_fork 50 51 true',
    'identity 33',
    'it is still loading ./app.js:app',
    'load /srv/app.js',
    "it is still in the app's startup()",
    'it is still in the hook post_worker_init',
    'post_worker_init true',
    'its app does not answer health_check with 2xx',
    'it is opening its sockets',
  ])
  assert.deepEqual(events, ['startup'])
  assert.equal(app.kind, 'listener')
  assert.equal(beginning.worker.server, serving.server)
})

test('the hooks see the worker and the server as the boot message has them', async (t) => {
  const { steps } = setup(t, {
    values: { workers: 4 },
    message: { listeners: [{ fd: 9, url: 'http://127.0.0.1:80', isShared: true }] },
    files: {},
  })
  const { worker, server } = await steps.begin()
  assert.deepEqual([worker.nr, worker.age, worker.generation, worker.pid], [3, 7, 2, 51])
  assert.deepEqual([worker.server, worker.exit], [null, null])
  const { pid, version, listeners, num_workers, generation } = server
  assert.deepEqual(
    [pid, version, listeners, num_workers, generation],
    [50, '1.2.3', ['http://127.0.0.1:80'], 4, 2],
  )
})

test('--check-config loads the app, but does not start it', async (t) => {
  const events: string[] = []
  const { steps, events: seen } = setup(t, {
    message: { checkOnly: true },
    files: { '/srv/app.js': appFile(events) },
  })
  await steps.boot(await steps.begin())
  assert.deepEqual([events, seen.at(-1)], [[], 'load /srv/app.js'])
})

test('a hook that may not refuse is logged when it fails; post_fork refuses the boot', async (t) => {
  const fail = (): never => {
    throw new Error('of the hook')
  }
  const files = { '/srv/app.js': appFile([]), '/srv/hooks.js': { post_fork: fail, worker_int: fail } }
  const { steps, events } = setup(t, { message: { hookFiles: ['/srv/hooks.js'] }, files })
  const beginning = await steps.begin()
  await beginning.hooks.run('worker_int', beginning.worker)
  assert.equal(events.at(-1), 'log: the hook worker_int failed; the worker keeps running (of the hook)')
  await assert.rejects(steps.boot(beginning), /the hook post_fork of \/srv\/hooks\.js failed: of the hook/)
})

test(
  'the app has to pass health_check, and its error is the reason; with reload it is not ' + 'checked',
  async (t) => {
    const files = {
      '/srv/app.js': {
        app: (...request: unknown[]) => {
          throw new Error('no database', { cause: request.length })
        },
      },
    }
    const values = { health_check: '/healthz' }
    const checked = setup(t, { values, message: { bootWithin: performance.now() + 300 }, files })
    await assert.rejects(
      async () => checked.steps.boot(await checked.steps.begin()),
      ({ message, cause }: Error) => {
        assert.match(message, /^health_check: GET \/healthz answered 500/)
        assert.equal(cause instanceof Error && cause.message, 'no database')
        return true
      },
    )
    const { steps, events } = setup(t, { values: { ...values, reload: true }, files })
    await steps.boot(await steps.begin())
    assert.equal(events.at(-1), 'it is opening its sockets')
  },
)

test('what the workers user cannot read stops the boot', async (t) => {
  const { steps } = setup(t, { message: { codeStore: '/nowhere' }, files: {} })
  const beginning = await steps.begin()
  await assert.rejects(steps.boot(beginning), /cannot read the compiled code in \/nowhere/)
})

test(
  'a request of the app is logged with the pid of the worker, and its error with method and ' + 'path',
  async (t) => {
    const { steps, events, accessLines } = setup(t, {
      values: { accesslog: '-', access_log_format: '%(p)s %(m)s %(U)s %(s)s' },
      files: {
        '/srv/app.js': {
          app: (...request: unknown[]) => {
            throw new Error('of the app', { cause: request.length })
          },
        },
      },
    })
    const { serving } = await steps.boot(await steps.begin())
    const front = createServer((socket) => void serving.server?.emit('connection', socket))
    t.after(() => front.close())
    front.listen(0, '127.0.0.1')
    await once(front, 'listening')
    const address = front.address()
    assert.ok(typeof address === 'object' && address !== null)
    const { status } = await ask(`http://127.0.0.1:${address.port}`, '/a')
    assert.equal(status, 500)
    assert.deepEqual(accessLines, ['<51> GET /a 500\n'])
    assert.equal(events.at(-1), 'log: GET /a → 500: of the app (of the app)')
  },
)

test('an error page is served without the app, and root is given up unless the boot has done so', async (t) => {
  for (const isRoot of [true, false]) {
    const { steps, events } = setup(t, { message: { identity }, files: {}, isRoot })
    assert.equal((await steps.errorPage({ message: 'broken', stack: '' })).app.kind, 'error page')
    assert.deepEqual(events, isRoot ? ['identity 33'] : [])
  }
})
