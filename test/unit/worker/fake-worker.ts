// A worker life without a process: a clock that the test moves, and lists of all that the life does outside.

import type { Drain, Serving } from '../../../src/serving/classes/worker-class.ts'
import { combineHooks, HookRunner, pickHooks } from '../../../src/config/hooks/runner.ts'
import { durationsOf } from '../../../src/config/settings/durations.ts'
import { resolveSettings } from '../../../src/config/sources/resolve.ts'
import type { BootMessage, WorkerMessage } from '../../../src/ipc/messages.ts'
import type { Logger } from '../../../src/logging/records/logger.ts'
import { RequestIds } from '../../../src/logging/records/request-id.ts'
import { RequestLogs } from '../../../src/logging/records/request-log.ts'
import { serverView, WorkerSelf } from '../../../src/worker/boot/views.ts'
import { WorkerLife } from '../../../src/worker/life/life.ts'
import { InFlight } from '../../../src/worker/watchdog/in-flight.ts'
import type { EndOrder, EndOutcome } from '../../../src/os/program/program-end.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

export function bootMessage(
  values: Readonly<Record<string, unknown>> = {},
  more: Partial<BootMessage> = {},
): BootMessage {
  const { settings } = resolveSettings([{ where: 'test', values }], {})
  return {
    type: 'boot',
    nr: 3,
    age: 7,
    generation: 2,
    version: '1.2.3',
    workers: 1,
    settings,
    durations: durationsOf(settings),
    configFile: null,
    hookFiles: [],
    preloads: [],
    classFile: null,
    appFile: '/srv/app.js',
    appPath: '/srv/app.js',
    codeStore: '/nowhere',
    identity: { uid: undefined, gid: undefined, initgroups: undefined, account: undefined },
    listeners: [],
    rows: [],
    threads: 0,
    color: { error: false, app: false },
    bootWithin: null,
    trial: 0,
    checkOnly: false,
    tasks: [],
    cpus: 1,
    ...more,
  }
}

export interface FakeOptions {
  readonly values?: Readonly<Record<string, unknown>>
  readonly message?: Partial<BootMessage>
  /** Hooks by name. */
  readonly hooks?: Readonly<Record<string, unknown>>
  readonly begin?: () => Promise<void>
  readonly boot?: () => Promise<void>
  readonly listen?: () => Promise<void>
  readonly shutdown?: () => unknown
  /** How the app came to its end. */
  readonly ended?: Partial<EndOutcome>
  readonly onSend?: (message: WorkerMessage) => void
  /** What a drain resolves with; by default nothing was cut off. */
  readonly drained?: ((drain: Drain) => Promise<readonly string[]>) | undefined
}

export interface FakeWorker {
  readonly life: WorkerLife
  readonly clock: FakeClock
  /** All that happened, in its order. */
  readonly events: string[]
  readonly sent: WorkerMessage[]
  readonly exits: number[]
  readonly drains: Drain[]
  /** The ends of the app that were ordered. */
  readonly orders: EndOrder[]
  /** Milliseconds, or 0 for a cancelled alarm. */
  readonly alarms: number[]
  readonly self: WorkerSelf
  /** What may change while the worker lives. */
  readonly world: { parent: number; isOpen: boolean; debugged: boolean; busy: number }
}

export function fakeWorker(options: FakeOptions = {}): FakeWorker {
  const message = bootMessage(options.values, options.message)
  const clock = new FakeClock()
  const events: string[] = []
  const sent: WorkerMessage[] = []
  const exits: number[] = []
  const drains: Drain[] = []
  const orders: EndOrder[] = []
  const alarms: number[] = []
  const world = { parent: 50, isOpen: true, debugged: false, busy: 4 }
  const self = new WorkerSelf(message, 51)
  const failed = (): void => void events.push('hook failed')
  const sources = combineHooks([pickHooks(options.hooks ?? {}, 'test')])
  const hooks = new HookRunner({ sources, timeout: 1000, onFailure: failed })
  const note = (event: string) => (): void => void events.push(event)
  // of a logger only these are used
  const write = (_: object | string, text?: string): unknown => events.push(`log: ${text ?? String(_)}`)
  const log = { error: write, warn: write }
  const serving: Serving = {
    server: null, // the life only passes it on
    add: () => undefined,
    listen: async () => {
      events.push('listen')
      await options.listen?.()
    },
    load: () => ({ requests: 9, busy: world.busy, connections: 5, overdue: 1 }),
    inFlight: () => [],
    startedIn: () => [],
    logInFlight: note('log in flight'),
    unready: (path) => void events.push(`unready ${path}`),
    respond: (texts) => void (texts.size > 0 && events.push(`respond ${[...texts.keys()].join()}`)),
    drain: (drain) => {
      events.push('drain')
      drains.push(drain)
      return options.drained?.(drain) ?? Promise.resolve([])
    },
  }
  const app = { kind: 'listener', handle: () => undefined, shutdown: () => run('shutdown', options.shutdown) }
  async function run(event: string, step: (() => unknown) | undefined): Promise<void> {
    events.push(event)
    await step?.()
  }
  const life: WorkerLife = new WorkerLife({
    message,
    channel: {
      get isOpen() {
        return world.isOpen
      },
      send: (value) => {
        sent.push(value)
        events.push(`send ${value.type}`)
        options.onSend?.(value)
        return Promise.resolve()
      },
    },
    output: {
      log: () => log as unknown as Logger,
      requests: new RequestLogs(new RequestIds(), () => log as unknown as Logger),
      finish: note('finish'),
    },
    inFlight: new InFlight(
      () => life.serving,
      new RequestLogs(new RequestIds(), () => log as unknown as Logger),
    ),
    loader: { report: note('report files'), latestEntry: '/srv/entry.js' },
    watch: {
      get debugged() {
        return world.debugged
      },
      beat: note('watch beat'),
      serve: note('watch serve'),
      end: note('watch end'),
    },
    boot: {
      begin: async () => {
        await run('begin', options.begin)
        return { hooks, server: serverView(message, 50), worker: self }
      },
      boot: async () => {
        await run('boot', options.boot)
        return { app, serving }
      },
      errorPage: ({ message: text }) => {
        events.push(`error page: ${text}`)
        return Promise.resolve({ app: { kind: 'error page', handle: () => undefined }, serving })
      },
    },
    clientLimit: undefined,
    certificates: {
      renew: (sealed) => Promise.resolve(void events.push(`renew ${sealed}`)),
      answer: (sealed) => Promise.resolve(void events.push(`answer ${sealed}`)),
      responses: new Map(),
    },
    system: {
      clock,
      background: clock,
      alarm: { set: (ms) => void alarms.push(ms), cancel: () => void alarms.push(0) },
      parent: () => world.parent,
      memory: () => ({ rss: 100, heapUsed: 20, heapLimit: 200 }),
      announceDrain: note('drainSignal'),
      report: ({ type }) => void events.push(`report ${type}`),
      program: {
        begin: note('program ends'),
        step: async (step) => void (await step()),
        run: (order) => {
          orders.push(order)
          return Promise.resolve({ exitCode: undefined, late: undefined, ...options.ended })
        },
      },
      exit: (code) => {
        events.push(`exit ${code}`)
        exits.push(code)
      },
    },
  })
  return { life, clock, events, sent, exits, drains, orders, alarms, self, world }
}

/** A promise that the test resolves. */
export function later<Value>(): {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
} {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((done) => (resolve = done))
  return { promise, resolve }
}
