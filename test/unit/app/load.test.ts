import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { AppBootError, AppError } from '../../../src/config/app/errors.ts'
import { loadApp } from '../../../src/app/load.ts'
import { noListening } from './no-listening.ts'
import { collectReports, get, loadFrom } from './talk.ts'

const ignore = (): void => undefined
const listener = (req: unknown, res: unknown): void => void [req, res]
class Server {
  fetch(): Response {
    return new Response()
  }
}

const rejects = async (
  loading: Promise<unknown>,
  kind: typeof AppError | typeof AppBootError,
  message: RegExp,
): Promise<Error> => {
  const error: unknown = await loading.then(
    () => assert.fail('it was loaded'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof kind, `${error} is of another class`)
  assert.match(error.message, message)
  return error
}

test('the default export comes first, then the export "app"', async () => {
  const named = { fetch: () => new Response() }
  assert.equal((await loadFrom({ default: listener, app: named }, ignore)).kind, 'listener')
  assert.equal((await loadFrom({ app: named }, ignore)).kind, 'fetch')
  assert.equal((await loadFrom({ default: { config: 1 }, app: listener }, ignore)).kind, 'listener')
})

test('the app of a CommonJS module is its module.exports, or their "app"', async () => {
  const exports = { app: listener, other: 1 }
  assert.equal((await loadFrom({ default: listener }, ignore)).kind, 'listener')
  assert.equal((await loadFrom({ default: exports }, ignore)).kind, 'listener')
  assert.equal(
    (await loadFrom({ default: { __esModule: true, default: listener } }, ignore)).kind,
    'listener',
  )
  assert.equal((await loadFrom({ default: exports }, ignore, ':app')).kind, 'listener')
})

test('a dotted path selects a property of an export', async () => {
  assert.equal((await loadFrom({ server: { app: listener } }, ignore, ':server.app')).kind, 'listener')
  await rejects(
    loadFrom({ server: { app: listener } }, ignore, ':server.ap'),
    AppError,
    /no export "server\.ap"; it exports server \(an object\)/,
  )
})

test('a factory is called and awaited, and so is an exported promise', async () => {
  assert.equal((await loadFrom({ make: () => listener }, ignore, ':make()')).kind, 'listener')
  assert.equal((await loadFrom({ make: async () => listener }, ignore, ':make()')).kind, 'listener')
  assert.equal((await loadFrom({ default: Promise.resolve(listener) }, ignore)).kind, 'listener')
})

test('a module that throws is a boot failure with its error as the cause', async () => {
  const cause = new SyntaxError('unexpected token')
  const loading = loadApp({
    reference: 'talk',
    load: () => Promise.reject(cause),
    directory: import.meta.dirname,
    report: ignore,
    listening: noListening,
    note: () => undefined,
    onSlow: () => undefined,
    warn: () => undefined,
  })
  const error = await rejects(loading, AppBootError, /^cannot load .*talk\.ts: unexpected token$/)
  assert.equal(error.cause, cause)
})

test('a factory that throws or rejects is a boot failure', async () => {
  const cause = new Error('no database')
  const throws = () => {
    throw cause
  }
  for (const make of [throws, () => Promise.reject(cause)]) {
    const error = await rejects(
      loadFrom({ make }, ignore, ':make()'),
      AppBootError,
      /"make(?:\(\))?" failed: no database/,
    )
    assert.equal(error.cause, cause)
  }
})

test('a missing module is a boot failure', async () => {
  const loading = loadApp({
    reference: './nowhere',
    load: () => Promise.resolve({}),
    directory: import.meta.dirname,
    report: ignore,
    listening: noListening,
    note: () => undefined,
    onSlow: () => undefined,
    warn: () => undefined,
  })
  await rejects(loading, AppBootError, /^cannot find module "\.\/nowhere": tried /)
})

const refused = [
  [
    'a module without a default export',
    { create: listener, PORT: 1 },
    '',
    /no default export and no export "app"; it exports create \(a function\), PORT \(a number\); expected a program/,
  ],
  [
    'CommonJS without a default export, whose module.exports is no export of a name',
    { default: { create: listener, PORT: 1 }, create: listener, PORT: 1 },
    '',
    /no default export and no export "app"; it exports create \(a function\), PORT \(a number\); expected a program/,
  ],
  [
    'CommonJS as Node.js 24 imports it',
    { default: { PORT: 1 }, PORT: 1, 'module.exports': { PORT: 1 } },
    '',
    /no default export and no export "app"; it exports PORT \(a number\); expected/,
  ],
  [
    'CommonJS with an export "app" that is none',
    { default: { app: 5 }, app: 5 },
    '',
    /"app" of .* is a number, not an app; it exports app \(a number\); expected/,
  ],
  [
    'CommonJS that a compiler made of a default export',
    { default: { __esModule: true, default: 5 } },
    '',
    /"default" of .* is a number, not an app; it exports default \(a number\); expected/,
  ],
  ['a module without exports', {}, '', /exports nothing and does not listen/],
  [
    'an export that is missing',
    { create: listener },
    ':app',
    /no export "app"; it exports create \(a function\)/,
  ],
  ['a class', { default: Server }, '', /"default" of .* is a class \(export an instance of it\), not an app/],
  [
    'an object of no known kind',
    { default: { port: 1 } },
    '',
    /"default" of .* is an object, not an app; it exports default \(an object\); expected/,
  ],
  [
    'a server without listeners',
    { default: createServer() },
    '',
    /is an instance of Server, not an app; .*an http\.Server with a request listener/,
  ],
  [
    'a factory that does not return an app',
    { make: () => 42 },
    ':make()',
    /"make\(\)" of .* is a number, not an app/,
  ],
  [
    'a factory that is no function',
    { make: {} },
    ':make()',
    /"make" of .* is an object, not a function, so "make\(\)" cannot be called/,
  ],
  ['a factory that is a class', { make: Server }, ':make()', /"make" of .* is a class, not a function/],
  [
    'a startup that is no function',
    { default: listener, startup: true },
    '',
    /the app's export "startup" is not a function/,
  ],
] as const

for (const [what, namespace, path, message] of refused) {
  test(`${what} is an AppError with what was found`, () =>
    rejects(loadFrom(namespace, ignore, path), AppError, message).then(ignore))
}

test('startup, shutdown and upgrade are exports of the module', async () => {
  const calls: string[] = []
  const app = await loadFrom(
    {
      default: listener,
      startup: () => calls.push('startup'),
      shutdown: () => calls.push('shutdown'),
      upgrade: () => calls.push('upgrade'),
    },
    ignore,
  )
  app.startup?.()
  app.shutdown?.()
  await get((request) => {
    app.upgrade?.(request, request.socket, Buffer.alloc(0))
    request.socket.destroy()
  })
  assert.deepEqual(calls, ['startup', 'shutdown', 'upgrade'])
})

test('startup, shutdown and upgrade may be methods of a plain object with fetch', async () => {
  const plain = {
    started: false,
    fetch: () => new Response(),
    startup() {
      this.started = true
    },
  }
  for (const namespace of [{ default: plain }, { app: plain }]) {
    plain.started = false
    const app = await loadFrom(namespace, ignore)
    app.startup?.()
    assert.equal(plain.started, true)
  }
})

test('an app without these exports has none of them', async () => {
  const { startup, shutdown, upgrade, listen, servers } = await loadFrom({ default: listener }, ignore)
  assert.deepEqual(
    [startup, shutdown, upgrade, listen, servers],
    [undefined, undefined, undefined, undefined, []],
  )
})

test('an upgrade that fails is reported and closes its socket', async () => {
  const { errors, report } = collectReports()
  const fail = () => {
    throw new Error('no upgrade')
  }
  for (const upgrade of [fail, async () => fail()]) {
    const app = await loadFrom({ default: listener, upgrade }, report)
    const socket = new PassThrough()
    await get(async (request) => {
      await app.upgrade?.(request, socket, Buffer.alloc(0))
      request.socket.destroy()
    })
    assert.equal(socket.destroyed, true)
  }
  assert.equal(errors.length, 2)
})
