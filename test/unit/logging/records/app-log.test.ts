// The `log` that users import: pino's logger in everything, but made late and found by every copy of the
// package.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { pino, type Logger } from 'pino'
import { createLazyLogger, log, requestId, requestLog } from '../../../../src/logging/records/app-log.ts'
import { findLink, installLink } from '../../../../src/logging/records/log-link.ts'
import { createLogger } from '../../../../src/logging/records/logger.ts'

const removals: (() => void)[] = []
afterEach(() => removals.splice(0).forEach((remove) => remove()))

/** Stands for a server in this process. */
function serve(): { readonly lines: Record<string, unknown>[]; readonly logger: Logger } {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>)
  const logger = createLogger({
    level: 'info',
    format: 'json',
    color: false,
    base: { pid: 1, worker: 0 },
    write,
  })
  removals.push(installLink(() => logger))
  return { lines, logger }
}

const messages = (lines: readonly Record<string, unknown>[]): unknown[] => lines.map(({ msg }) => msg)

test('it writes through the server of the process, with fields, children and their fields', () => {
  const { lines } = serve()
  log.info({ order: 17 }, 'paid %s', 'twice')
  log.child({ module: 'db' }).child({ table: 'orders' }).warn('slow')
  const [first = {}, second = {}] = lines
  assert.deepEqual(
    [first['level'], first['order'], first['msg'], first['worker']],
    ['info', 17, 'paid twice', 0],
  )
  assert.deepEqual([second['level'], second['module'], second['table']], ['warn', 'db', 'orders'])
})

test('the level can be asked for and set, and is that of the logger behind it', () => {
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

test('bindings, setBindings, symbols and what else pino has are answered by the logger', () => {
  const { lines } = serve()
  log.setBindings({ region: 'eu' })
  log.info('x')
  assert.deepEqual([log.bindings()['region'], lines[0]?.['region']], ['eu', 'eu'])
  assert.equal(typeof Reflect.get(log, pino.symbols.serializersSym), 'object')
  assert.ok('fatal' in log && !('nope' in log))
  assert.equal(Object.prototype.toString.call(log), '[object Pino]')
  assert.equal(log.version, pino.version)
})

test('methods may be taken off it, and are the same at each look', () => {
  const { lines } = serve()
  const { info, child } = log
  info('taken off')
  child({ a: 1 }).info('too')
  assert.equal(log.info, info)
  assert.deepEqual(messages(lines), ['taken off', 'too'])
})

test('an object that inherits from it may have a level and properties of its own', () => {
  const { lines, logger } = serve()
  const heir = Object.create(log) as Logger & { extra?: number } // as libraries extend a logger
  heir.extra = 5
  heir.info('from the heir')
  assert.equal(Reflect.get(logger, 'extra'), undefined)
  assert.deepEqual(messages(lines), ['from the heir'])
})

test('a test of the app may mock a method and give it back', (t) => {
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

test('events of the level reach who listens', () => {
  serve()
  const heard: string[] = []
  log.on('level-change', (level: string) => heard.push(level))
  log.level = 'warn'
  assert.deepEqual(heard, ['warn'])
})

test(
  "the logger is looked for at each use: one that was imported before the server began is the server's " +
    'afterwards',
  () => {
    const loggers = [pino({ level: 'warn' }), pino({ level: 'debug' })]
    let current = 0
    const lazy = createLazyLogger(() => loggers[current] ?? assert.fail())
    assert.equal(lazy.level, 'warn')
    current = 1
    assert.equal(lazy.level, 'debug')
    assert.equal(lazy.isLevelEnabled('debug'), true)
  },
)

test('a link of another version or of no known shape is left alone', () => {
  const key = Symbol.for('tsgun.log')
  for (const foreign of [{ version: 2, logger: () => assert.fail() }, { version: 1 }, 'x', null, 5]) {
    Reflect.set(globalThis, key, foreign)
    assert.equal(findLink(), undefined)
    Reflect.deleteProperty(globalThis, key)
  }
  const remove = installLink(() => assert.fail())
  const { lines } = serve()
  remove()
  log.info('still the second one')
  assert.equal(lines.length, 1)
})

test('what is no request of a server has the plain log and no id', () => {
  const request = new Request('http://localhost/')
  assert.equal(requestLog(request), log)
  assert.equal(requestId(request), undefined)
})

test('the request of a fetch handler is asked by the one of Node that it was made of', () => {
  const { logger } = serve()
  const own = logger.child({ request_id: 'a' })
  const req = { rawHeaders: [], id: 'a', log: own }
  const request = Object.assign(new Request('http://localhost/'), { runtime: { node: { req } } })
  assert.equal(requestLog(request), own)
  assert.equal(requestId(request), 'a')
})
