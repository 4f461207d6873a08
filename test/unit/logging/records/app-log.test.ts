// The `log` that users import: it behaves like a pino logger, is created when first used, and works in every
// copy of the package.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { pino, type Logger } from 'pino'
import { createLazyLogger, log, requestId, requestLog } from '../../../../src/logging/records/app-log.ts'
import { logLink } from '../../../../src/logging/records/log-link.ts'
import { createLogger } from '../../../../src/logging/records/logger.ts'

const removals: (() => void)[] = []
afterEach(() => removals.splice(0).forEach((remove) => remove()))

/** Installs a logger as a server would. */
function serve(): { readonly lines: Record<string, unknown>[]; readonly logger: Logger } {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>)
  const logger = createLogger({
    level: 'info',
    format: 'json',
    color: false,
    base: { pid: 1, nr: 0 },
    write,
  })
  removals.push(logLink.install({ logger: () => logger }))
  return { lines, logger }
}

const messages = (lines: readonly Record<string, unknown>[]): unknown[] => lines.map(({ msg }) => msg)

test('it writes to the app log of the server, with fields and children', () => {
  const { lines } = serve()
  log.info({ order: 17 }, 'paid %s', 'twice')
  log.child({ module: 'db' }).child({ table: 'orders' }).warn('slow')
  const [first = {}, second = {}] = lines
  assert.deepEqual([first['level'], first['order'], first['msg'], first['nr']], ['info', 17, 'paid twice', 0])
  assert.deepEqual([second['level'], second['module'], second['table']], ['warn', 'db', 'orders'])
})

test('reading and setting the level uses the level of the logger of the server', () => {
  const { lines, logger } = serve()
  assert.equal(log.level, 'info')
  assert.equal(log.isLevelEnabled('debug'), false)
  log.debug('not seen')
  log.level = 'debug'
  log.debug('seen')
  assert.equal(logger.level, 'debug')
  assert.deepEqual(messages(lines), ['seen'])
  assert.throws(() => (log.level = 'nope'), /unknown level nope/)
})

test('bindings, setBindings, symbols and other members of pino come from the logger of the server', () => {
  const { lines } = serve()
  log.setBindings({ region: 'eu' })
  log.info('x')
  assert.deepEqual([log.bindings()['region'], lines[0]?.['region']], ['eu', 'eu'])
  assert.equal(typeof Reflect.get(log, pino.symbols.serializersSym), 'object')
  assert.ok('fatal' in log && !('nope' in log))
  assert.equal(Object.prototype.toString.call(log), '[object Pino]')
  assert.equal(log.version, pino.version)
})

test('methods work without the logger, and are the same function at each access', () => {
  const { lines } = serve()
  const { info, child } = log
  info('taken off')
  child({ a: 1 }).info('too')
  assert.equal(log.info, info)
  assert.deepEqual(messages(lines), ['taken off', 'too'])
})

test('an object that inherits from it can have its own level and properties', () => {
  const { lines, logger } = serve()
  const child = Object.create(log) as Logger & { extra?: number } // as libraries extend a logger
  child.extra = 5
  child.info('from the child')
  assert.equal(Reflect.get(logger, 'extra'), undefined)
  assert.deepEqual(messages(lines), ['from the child'])
})

test('a test of the app can mock a method and restore it', (t) => {
  const { lines } = serve()
  const info = t.mock.method(log, 'info', () => undefined)
  log.info('mocked')
  assert.equal(log.info, info)
  assert.deepEqual([info.mock.callCount(), info.mock.calls[0]?.arguments], [1, ['mocked']])
  info.mock.restore()
  log.info('written')
  const own = (): void => undefined
  log.warn = own
  assert.equal(log.warn, own)
  assert.deepEqual(messages(lines), ['written'])
})

test('listeners receive level-change events', () => {
  serve()
  const heard: string[] = []
  log.on('level-change', (level: string) => heard.push(level))
  log.level = 'warn'
  assert.deepEqual(heard, ['warn'])
})

test('a log imported before the server starts uses the logger of the server afterwards', () => {
  const loggers = [pino({ level: 'warn' }), pino({ level: 'debug' })]
  let current = 0
  const lazy = createLazyLogger(() => loggers[current] ?? assert.fail())
  assert.equal(lazy.level, 'warn')
  current = 1
  assert.equal(lazy.level, 'debug')
  assert.equal(lazy.isLevelEnabled('debug'), true)
})

test('a link of another version or of unknown shape is ignored', () => {
  const key = Symbol.for('tsgun.log')
  for (const foreign of [{ version: 2, logger: () => assert.fail() }, { version: 1 }, 'x', null, 5]) {
    Reflect.set(globalThis, key, foreign)
    assert.equal(logLink.find(), undefined)
    Reflect.deleteProperty(globalThis, key)
  }
  const remove = logLink.install({ logger: () => assert.fail() })
  const { lines } = serve()
  remove()
  log.info('still the second one')
  assert.equal(lines.length, 1)
})

test('a request that the server did not receive has the plain log and no id', () => {
  const request = new Request('http://localhost/')
  assert.equal(requestLog(request), log)
  assert.equal(requestId(request), undefined)
})

test("the request of a fetch handler has the id and log of Node's request", () => {
  const { logger } = serve()
  const own = logger.child({ request_id: 'a' })
  const req = { rawHeaders: [], id: 'a', log: own }
  const request = Object.assign(new Request('http://localhost/'), { runtime: { node: { req } } })
  assert.equal(requestLog(request), own)
  assert.equal(requestId(request), 'a')
})
