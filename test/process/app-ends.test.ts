// The app's own end: its listeners of SIGTERM and `beforeExit`, and those of libraries that it uses unedited,
// run when its requests are served, in every way in which a worker ends.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { OtlpReceiver } from '../helpers/otlp-receiver.ts'
import { killProcess } from '../helpers/processes.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'

const config = (text = ''): string =>
  `export default { app: './app.mjs', bind: '127.0.0.1:0', health_check: null, ${text} }\n`

/** `/slow` takes half a second. Each step of the end of a worker is a line of ends.txt. */
const helpers = `import { appendFileSync } from 'node:fs'
export const note = (step) => appendFileSync('ends.txt', step + '\\n')
export const respond = (req, res) =>
  setTimeout(() => res.end(String(process.pid)), req.url === '/slow' ? 500 : 0)
`

function project(t: TestContext, app: string, text = '', packages: readonly string[] = []): Project {
  return createProject(
    t,
    {
      'helpers.mjs': helpers,
      'app.mjs': `import { note, respond } from './helpers.mjs'\n${app}`,
      'server.config.mjs': config(text),
    },
    packages,
  )
}

const ends = (made: Project): string[] =>
  existsSync(made.path('ends.txt')) ? made.read('ends.txt').trim().split('\n') : []

/** Every process of the server gets the signal, as with Ctrl-C, `kill -- -PGID` or systemd. */
const signalGroup = (server: RunningServer, signal: NodeJS.Signals): void => killProcess(-server.pid, signal)

/** Sends a slow request, and waits until a worker has it. */
async function beginSlow(server: RunningServer): Promise<{ readonly response: ReturnType<typeof ask> }> {
  const response = ask(server.url, '/slow')
  await ask(server.url, '/') // accepted after it
  return { response }
}

test('TERM to the whole group: the listeners of the app run after the drain, in the documented order', async (t) => {
  const made = project(
    t,
    `process.on('SIGTERM', () => { note('SIGTERM'); setTimeout(() => { note('closed'); process.exit(0) }, 50) })
    process.on('SIGTERM', async () => { await new Promise((done) => setTimeout(done, 300)); note('sent') })
    process.on('beforeExit', () => note('beforeExit'))
    process.on('exit', (code) => note('exit ' + code))
    setInterval(() => undefined, 1000)
    export const shutdown = () => note('shutdown')
    export default (req, res) => { res.on('finish', () => note('served ' + req.url)); respond(req, res) }`,
    `worker_exit() { globalThis.process.getBuiltinModule('fs').appendFileSync('ends.txt', 'worker_exit\\n') }`,
  )
  const server = await startServer(made)
  const { response } = await beginSlow(server)
  signalGroup(server, 'SIGTERM')
  assert.equal((await response).status, 200)
  assert.deepEqual(await server.exit(), { code: 0, signal: null }, server.report())
  assert.deepEqual(ends(made), [
    'served /',
    'served /slow',
    'shutdown',
    'worker_exit',
    'SIGTERM',
    'closed',
    'sent',
    'beforeExit',
    'exit 0',
  ])
  assert.doesNotMatch(server.stderr, /ignores it|WARN|ERROR/)
})

test('Ctrl-C runs the listeners of SIGINT, and workers say nothing about the signal', async (t) => {
  const made = project(
    t,
    `process.on('SIGINT', () => note('SIGINT'))
    process.on('SIGTERM', () => note('SIGTERM'))
    export default respond`,
    'workers: 2',
  )
  const server = await startServer(made)
  signalGroup(server, 'SIGINT')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.deepEqual(ends(made), ['SIGINT', 'SIGINT'])
  assert.doesNotMatch(server.stderr, /act on signals/)
})

/** Each with the export of the app and the line that its callback writes. */
const libraries = {
  'close-with-grace': `import closeWithGrace from 'close-with-grace'
    closeWithGrace({ logger: false }, async ({ signal }) => note('closed by ' + signal))
    export default respond`,
  '@godaddy/terminus': `import http from 'node:http'
    import { createTerminus } from '@godaddy/terminus'
    const server = http.createServer(respond)
    createTerminus(server, { signal: 'SIGTERM', onSignal: async () => note('closed by SIGTERM') })
    export default server`,
  'http-graceful-shutdown': `import http from 'node:http'
    import gracefulShutdown from 'http-graceful-shutdown'
    const server = http.createServer(respond)
    gracefulShutdown(server, { onShutdown: async (signal) => note('closed by ' + signal) })
    export default server`,
  '@nestjs/core': `import 'reflect-metadata'
    import { NestFactory } from '@nestjs/core'
    class AppModule { onApplicationShutdown(signal) { if (signal) note('closed by ' + signal) } }
    Reflect.defineMetadata('imports', [], AppModule)
    export async function createApp() {
      const app = await NestFactory.create(AppModule, { logger: false })
      app.use(respond)
      app.enableShutdownHooks()
      return app
    }`,
} as const

const packagesOf: Readonly<Record<string, readonly string[]>> = {
  '@nestjs/core': ['@nestjs/common', '@nestjs/platform-express', 'reflect-metadata', 'rxjs'],
}

for (const [name, app] of Object.entries(libraries)) {
  test(`${name}: its callback runs at a reload and at a TERM to the group, and no request is cut off`, async (t) => {
    const made = project(t, app, name === '@nestjs/core' ? `app: './app.mjs:createApp()'` : '', [
      name,
      ...(packagesOf[name] ?? []),
    ])
    const server = await startServer(made)
    server.signal('SIGHUP')
    await server.until('the end of the old worker', () => ends(made).length === 1)
    await server.says(/\) ended: /)
    const { response } = await beginSlow(server)
    signalGroup(server, 'SIGTERM')
    assert.equal((await response).status, 200)
    assert.deepEqual(await server.exit(), { code: 0, signal: null }, server.report())
    assert.deepEqual(ends(made), ['closed by SIGTERM', 'closed by SIGTERM'], server.report())
    assert.doesNotMatch(server.stderr, /WARN|ERROR|FATAL/)
  })
}

const telemetry = (listeners: string): string => `
const { BatchSpanProcessor, BasicTracerProvider } = require('@opentelemetry/sdk-trace-base')
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http')
const exporter = new OTLPTraceExporter({ url: process.env.OTLP })
const spanProcessors = [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 600_000 })]
const provider = new BasicTracerProvider({ spanProcessors })
globalThis.tracer = provider.getTracer('test')
const shutdown = () => provider.shutdown()
${listeners}
`

/** As the register of OpenTelemetry has them, and as libraries that only know \`beforeExit\`. */
const telemetryListeners = {
  'SIGTERM and beforeExit': `process.on('SIGTERM', shutdown); process.once('beforeExit', shutdown)`,
  'beforeExit alone': `process.once('beforeExit', shutdown)`,
}

/** How a worker ends; the last one is the stop of the server. */
const waysToEnd: Readonly<Record<string, (server: RunningServer) => Promise<void>>> = {
  reload: async (server) => {
    server.signal('SIGHUP')
    await server.says(/\) ended: /)
  },
  recycle: (server) => server.says(/\) ended: /),
  TTOU: async (server) => {
    server.signal('SIGTTIN')
    await server.says(/is ready after/, 2)
    server.signal('SIGTTOU')
    await server.says(/\) ended: /)
  },
  stop: (server) => server.stop(),
}

for (const [what, listeners] of Object.entries(telemetryListeners)) {
  for (const [how, end] of Object.entries(waysToEnd)) {
    test(`spans of a batch processor preloaded with ${what} arrive at a ${how}: 20 of 20`, async (t) => {
      const receiver = await OtlpReceiver.open(t)
      const made = project(
        t,
        `setInterval(() => undefined, 1000)
        export default (req, res) => { globalThis.tracer.startSpan(req.url).end(); res.end() }`,
        how === 'recycle' ? 'max_requests: 20' : '',
        ['@opentelemetry/sdk-trace-base', '@opentelemetry/exporter-trace-otlp-http'],
      )
      made.write('otel.cjs', telemetry(listeners))
      const server = await startServer(made, {
        environment: { OTLP: receiver.url, NODE_OPTIONS: `--require ${made.path('otel.cjs')}` },
      })
      for (let number = 0; number < 20; number += 1) await ask(server.url, `/${number}`)
      await end(server)
      if (how === 'TTOU') await server.stop() // the other worker may have served some
      assert.equal(receiver.spans, 20, server.report())
      await server.stop()
    })
  }
}

test('a listener that never ends has what is left of graceful_timeout, and the log names what is open', async (t) => {
  const made = project(
    t,
    `process.on('SIGTERM', () => { setInterval(() => undefined, 10) })
    export default respond`,
    'graceful_timeout: 1.5',
  )
  const server = await startServer(made)
  await server.stop()
  assert.match(
    server.stderr,
    /the app's listeners of SIGTERM had 1\.\d s and did not end: .*still open: Timeout/,
  )
  assert.doesNotMatch(server.stderr, /killed/)
})

test('an error in a listener is logged, and the others run', async (t) => {
  const made = project(
    t,
    `process.on('SIGTERM', () => { throw new Error('no database') })
    process.on('SIGTERM', async () => { throw new Error('no collector') })
    process.on('SIGTERM', () => note('last'))
    export default respond`,
  )
  const server = await startServer(made)
  await server.stop()
  assert.match(server.stderr, /the app's listener of SIGTERM failed: no database/)
  assert.match(server.stderr, /the app's listener of SIGTERM failed: no collector/)
  assert.deepEqual(ends(made), ['last'])
})

test('process.exit before the drain is over is told as what it is, with the requests that it cut off', async (t) => {
  const made = project(
    t,
    `import { drainSignal } from 'tsgun'
    drainSignal.addEventListener('abort', () => setTimeout(() => process.exit(0), 50))
    export default respond`,
  )
  const server = await startServer(made)
  const { response } = await beginSlow(server)
  const outcome = response.then(
    () => 'served',
    () => 'cut off',
  )
  server.signal('SIGTERM')
  assert.equal(await outcome, 'cut off')
  await server.exit()
  assert.match(
    server.stderr,
    /WARN.* exited with code 0 before its drain was over, with 1 request in flight: process\.exit/,
  )
  assert.match(server.stderr, /ended_by=itself|"ended_by":"itself"|before its drain/)
})

test('an app that sends TERM to its own process is replaced without a failed request', async (t) => {
  const made = project(
    t,
    `process.on('SIGTERM', () => note('SIGTERM'))
    export default (req, res) => { if (req.url === '/leave') process.kill(process.pid); respond(req, res) }`,
  )
  const server = await startServer(made)
  await new Promise((resolve) => setTimeout(resolve, 1100)) // a worker that leaves sooner counts as a failure
  const before = (await ask(server.url, '/leave')).body
  await server.says(/is retired: its app has sent a signal to its own process/)
  await server.says(/\) ended: /)
  assert.notEqual((await ask(server.url)).body, before)
  assert.deepEqual(ends(made), ['SIGTERM'])
  await server.stop()
})

test('a preloaded module whose SIGTERM listener exits does not end the master before its workers', async (t) => {
  const made = project(t, `export default respond`)
  made.write(
    'inst.mjs',
    `import { appendFileSync } from 'node:fs'
    process.on('SIGTERM', () => { appendFileSync('inst.txt', process.title.slice(0, 13) + '\\n'); process.exit(0) })`,
  )
  const server = await startServer(made, {
    environment: { NODE_OPTIONS: `--import ${made.path('inst.mjs')}` },
  })
  const { response } = await beginSlow(server)
  server.signal('SIGTERM')
  assert.equal((await response).status, 200)
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
  assert.match(server.stderr, /stopped/)
  assert.deepEqual(made.read('inst.txt').trim().split('\n'), ['tsgun: worker', 'tsgun: master'])
})
