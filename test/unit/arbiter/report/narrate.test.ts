// Every event has a sentence, and the ones that are read at 3 a.m. say who, what and why.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import type { StuckReport } from '../../../../src/config/hooks/views.ts'
import { noLimits } from '../../../../src/arbiter/model/limits.ts'
import type { ProcessEnd } from '../../../../src/arbiter/model/death/process-end.ts'
import { judge } from '../../../../src/arbiter/model/death/verdict.ts'
import { narrate } from '../../../../src/arbiter/report/narrate.ts'
import { duration } from '../../../../src/arbiter/report/sentences/sentence.ts'
import type { ExitReason } from '../../../../src/arbiter/model/worker-record.ts'
import { worker } from '../records.ts'

const one = worker({ nr: 3, age: 7, pid: 4242 })
const error = { message: 'no database', stack: 'Error: no database\n    at app.ts:4' }
const report: StuckReport = {
  where: 'javascript',
  silent: 30_001.5,
  step: null,
  stack: ['at f (/srv/app.ts:1:2)'],
  requests: ['GET / age_ms=5'],
  more: 2,
  heapUsed: 200 * 2 ** 20,
  heapLimit: 4096 * 2 ** 20,
  rss: 300 * 2 ** 20,
}
const killed = { code: null, signal: 'SIGKILL' } as const

/** One event of each type, with its level and its sentence. */
const sentences: {
  readonly [Type in ArbiterEvent['type']]: readonly [Extract<ArbiterEvent, { type: Type }>, string]
} = {
  starting: [
    {
      type: 'starting',
      facts: {
        version: '1.2.3',
        node: 'v22',
        workers: 2,
        worker_class: 'async',
        task_processes: 3,
        services: [],
        cpus: 4,
        app: './app.ts',
        config: null,
        logs: { access: 'none', error: 'stderr', app: 'stdout' },
      },
    },
    'info: tsgun 1.2.3 starts ./app.ts with 2 workers of class async and 3 task processes on Node.js v22',
  ],
  listening: [
    { type: 'listening', urls: ['http://a:1', 'unix:/b'] },
    'info: listening at http://a:1, unix:/b',
  ],
  address_in_use: [
    { type: 'address_in_use', address: 'a:1', triesLeft: 1 },
    'warn: a:1 is in use; 1 more try',
  ],
  system_calls_missing: [
    { type: 'system_calls_missing', reason: 'no koffi' },
    'warn: system calls are missing, so connections are refused until the first worker ' +
      'listens: no koffi',
  ],
  warning: [{ type: 'warning', message: 'take care' }, 'warn: take care'],
  worker_started: [{ type: 'worker_started', worker: one }, 'info: worker 3 (pid 4242) starts'],
  worker_ready: [
    { type: 'worker_ready', worker: one, took: 1540 },
    'info: worker 3 (pid 4242) is ready after 1.5 s',
  ],
  workers_ready: [{ type: 'workers_ready', count: 2 }, 'info: all 2 workers are ready'],
  worker_retired: [
    { type: 'worker_retired', worker: { ...one, reason: 'reload' } },
    'info: worker 3 (pid 4242) is retired (reload)',
  ],
  worker_too_large: [
    {
      type: 'worker_too_large',
      worker: { ...one, limits: { ...noLimits, memory: 64 * 2 ** 20 } },
      rss: 2 ** 31,
    },
    'warn: worker 3 (pid 4242) already uses 2048 MB at start, above max_memory (64 MB); max_memory is ' +
      'ignored for this worker',
  ],
  worker_aborted: [
    { type: 'worker_aborted', worker: one, silent: 30_000 },
    'error: worker 3 (pid 4242) is aborted: its event loop was silent for 30 s (timeout)',
  ],
  worker_stuck: [
    { type: 'worker_stuck', worker: one, report },
    'error: worker 3 (pid 4242) is stuck in JavaScript; it uses 300 MB, 200 MB of 4096 MB of its heap',
  ],
  thread_stuck: [
    { type: 'thread_stuck', worker: one, thread: 2, report },
    'error: thread 2 of worker 3 (pid 4242) is stuck in JavaScript; it uses 300 MB, 200 MB of 4096 MB of its ' +
      'heap; the thread is replaced',
  ],
  thread_ended: [
    { type: 'thread_ended', worker: one, thread: 2, how: 'has ended: no tea' },
    'error: thread 2 of worker 3 (pid 4242) has ended: no tea',
  ],
  thread_ready: [
    { type: 'thread_ready', worker: one, thread: 2 },
    'info: thread 2 of worker 3 (pid 4242) serves again',
  ],
  worker_debugged: [
    { type: 'worker_debugged', worker: one },
    'warn: worker 3 (pid 4242) may have a debugger attached (--inspect): it is not killed for ' +
      'being silent',
  ],
  worker_killed: [
    { type: 'worker_killed', worker: { ...one, state: 'killed', reason: 'stop' } },
    'error: worker 3 (pid 4242) is killed: it did not exit in time (stop)',
  ],
  worker_cut: [
    { type: 'worker_cut', worker: one, requests: ['GET /a'] },
    'warn: worker 3 (pid 4242) cut off 1 request at graceful_timeout',
  ],
  worker_failed: [
    { type: 'worker_failed', worker: one, error },
    'error: worker 3 (pid 4242) failed to boot: no database',
  ],
  worker_ended: [
    { type: 'worker_ended', worker: one, verdict: judge(one, killed, 5000), lived: 5000, retryIn: 500 },
    'error: worker 3 (pid 4242) died: it was ended by SIGKILL, after 5 s: not by tsgun: by a person, ' +
      'or by the kernel because memory ran out; next attempt in 0.5 s',
  ],
  worker_signal: [
    { type: 'worker_signal', worker: one, signal: 'SIGHUP' },
    `info: worker 3 (pid 4242) got SIGHUP and ignores it: workers do not act on signals; send it to the ` +
      `master, pid ${process.pid}`,
  ],
  worker_disconnected: [
    { type: 'worker_disconnected', worker: one },
    'warn: worker 3 (pid 4242) finishes its requests and exits: its app has closed the channel to the ' +
      'master (process.disconnect)',
  ],
  slot_recovered: [
    { type: 'slot_recovered', worker: one, failures: 4 },
    'warn: worker 3 (pid 4242) serves: its slot has left the crash loop after 4 failures in a row',
  ],
  unknown_message: [
    { type: 'unknown_message', worker: one },
    'debug: worker 3 (pid 4242) sent an unknown message; it is ignored',
  ],
  log_garbage: [
    { type: 'log_garbage', worker: one, bytes: 7 },
    'warn: worker 3 (pid 4242) has written 7 bytes to descriptor 4, which carries its log lines; they ' +
      'are skipped',
  ],
  log_recovered: [
    { type: 'log_recovered', name: '/a.log' },
    'warn: the log /a.log can be written again; the lines kept in memory are written now',
  ],
  signal: [{ type: 'signal', signal: 'SIGHUP' }, 'info: got SIGHUP'],
  signal_ignored: [
    { type: 'signal_ignored', signal: 'SIGUSR2', why: 'no' },
    'info: got SIGUSR2, ignored: no',
  ],
  ordered: [
    { type: 'ordered', order: { type: 'reload' } },
    'info: got the order reload over the control socket',
  ],
  schedule_missed: [
    { type: 'schedule_missed', schedule: 'clean', count: 2, from: 0, to: 60_000, isMadeGood: true },
    'warn: the schedule clean has missed 2 runs, from 1970-01-01T00:00:00.000Z to 1970-01-01T00:01:00.000Z; ' +
      'one run makes them good',
  ],
  schedule_skipped: [
    { type: 'schedule_skipped', schedule: 'clean', time: 0 },
    'warn: the run of the schedule clean at 1970-01-01T00:00:00.000Z is left out: the one before still runs',
  ],
  service_lost: [
    { type: 'service_lost', service: 'feed', failures: 5, inRow: true, reason: 'it exited', code: 5 },
    'fatal: the critical service feed cannot be kept alive (5 failures in a row): it exited; the server ' +
      'stops with exit code 5',
  ],
  scaled: [
    { type: 'scaled', service: 'web', from: 1, to: 2 },
    'info: the number of workers changes from 1 to 2',
  ],
  reloading: [{ type: 'reloading', attempt: 1 }, 'info: reload: loading the config'],
  reload_queued: [
    { type: 'reload_queued', attempt: 2 },
    'info: reload queued: another start or reload is in progress',
  ],
  reload_failed: [
    { type: 'reload_failed', attempt: 1, reason: 'server.config.ts: workers: wrong' },
    'error: reload failed, the old generation keeps serving: server.config.ts: workers: wrong',
  ],
  service_unchanged: [
    { type: 'service_unchanged', service: 'feed' },
    'info: nothing has changed for the service feed: its processes stay',
  ],
  reload_kept: [
    { type: 'reload_kept', settings: ['bind', 'user'] },
    'warn: reload: only a restart changes bind, user; the old values stay',
  ],
  reload_changes: [
    {
      type: 'reload_changes',
      changes: [{ name: 'workers', values: { from: '2', to: '4' } }, { name: 'env.SECRET' }],
    },
    'info: reload: settings changed: workers 2 → 4, env.SECRET (hidden)',
  ],
  reloaded: [
    { type: 'reloaded', attempt: 1, generation: 2, took: 250 },
    'info: reload done: generation 2 serves, after 0.3 s',
  ],
  upgrading: [{ type: 'upgrading', pid: 77 }, 'info: upgrade: a new master starts beside this one, pid 77'],
  upgraded: [
    { type: 'upgraded', pid: 77 },
    `info: upgrade: the new master 77 serves beside this one; TERM to this master (${process.pid}) ` +
      'completes the upgrade, TERM to 77 reverts it',
  ],
  upgrade_failed: [
    { type: 'upgrade_failed', reason: 'it exited with code 3' },
    'error: upgrade failed, this master keeps serving: it exited with code 3',
  ],
  upgrade_reverted: [
    { type: 'upgrade_reverted', pid: 77 },
    'warn: upgrade reverted: the new master 77 has exited, this one keeps serving',
  ],
  upgrade_done: [
    { type: 'upgrade_done', from: 66 },
    'info: upgrade done: the old master 66 has exited, this one takes its place',
  ],
  certificates_renewed: [
    {
      type: 'certificates_renewed',
      certificates: [
        { certfile: '/etc/a.pem', expires: Date.UTC(2030, 0, 2, 12) },
        { certfile: '/etc/b.pem', expires: Date.UTC(2031, 1, 3) },
      ],
    },
    'info: TLS: new certificates are served: /etc/a.pem (until 2030-01-02), /etc/b.pem (until 2031-02-03)',
  ],
  certificates_refused: [
    { type: 'certificates_refused', reason: 'certfile: /etc/a.pem does not belong to the key' },
    'error: TLS: the changed files are not used, the certificates before them are still served: ' +
      'certfile: /etc/a.pem does not belong to the key',
  ],
  acme_placeholder: [
    { type: 'acme_placeholder', domains: ['a.example', 'b.example'] },
    'warn: ACME: there is no certificate for a.example, b.example yet; a self-signed one is served meanwhile',
  ],
  acme_ordering: [
    { type: 'acme_ordering', domains: ['a.example'], directory: 'https://ca/dir' },
    'info: ACME: ordering a certificate for a.example from https://ca/dir',
  ],
  acme_obtained: [
    {
      type: 'acme_obtained',
      domains: ['a.example'],
      directory: 'https://ca/dir',
      expires: Date.UTC(2030, 3, 1),
      renewal: Date.UTC(2030, 2, 1),
    },
    'info: ACME: got a certificate for a.example from https://ca/dir, until 2030-04-01; it is renewed on ' +
      '2030-03-01',
  ],
  acme_paused: [
    { type: 'acme_paused', domains: ['a.example'], retryIn: 30_000 },
    'info: ACME: the certificate for a.example is ordered in 30 s, because the last order has failed a ' +
      'short while ago',
  ],
  acme_failed: [
    {
      type: 'acme_failed',
      domains: ['a.example'],
      reason: 'policy forbids it (rejectedIdentifier)',
      retryIn: 300_000,
      expires: null,
    },
    'error: ACME: no certificate for a.example, next try in 5 min, served is a self-signed one: policy ' +
      'forbids it (rejectedIdentifier)',
  ],
  preloading: [{ type: 'preloading', module: '/srv/app.ts' }, 'info: preload: running /srv/app.ts'],
  preloaded: [
    { type: 'preloaded', module: '/srv/app.ts', took: 1234, size: 268_435_456, copies: undefined },
    'info: preload: done after 1.2 s; 256 MB are shared by all processes',
  ],
  preload_failed: [
    { type: 'preload_failed', error: { message: 'the table is missing', stack: '' } },
    'error: the table is missing',
  ],
  files_changed: [
    { type: 'files_changed', files: ['/srv/a.ts', '/srv/b.ts', '/srv/c.ts'] },
    'debug: the workers restart for a change of /srv/a.ts and 2 other files',
  ],
  restarted: [
    { type: 'restarted', generation: 2, took: 312, files: ['/srv/a.ts'] },
    'info: restarted: generation 2 serves, 0.3 s after a change of /srv/a.ts',
  ],
  app_broken: [
    { type: 'app_broken', error: { message: 'no semicolon', stack: '' } },
    'error: the app does not start, every request gets the error page until a file is saved: no ' +
      'semicolon',
  ],
  logs_reopened: [{ type: 'logs_reopened' }, 'info: log files reopened'],
  log_failed: [
    { type: 'log_failed', name: '/a.log', error: new Error('ENOSPC') },
    'error: cannot write the log /a.log: ENOSPC; lines are kept in memory up to log_buffer, ' +
      'with a new attempt every second',
  ],
  log_rotated: [{ type: 'log_rotated', name: '/var/log/a.log' }, 'debug: the log /var/log/a.log is rotated'],
  log_rotation_failed: [
    { type: 'log_rotation_failed', name: '/var/log/a.log', error: new Error('EACCES: permission denied') },
    'warn: cannot rotate the log /var/log/a.log: EACCES: permission denied; it keeps growing ' +
      'until the next attempt',
  ],
  log_archive_failed: [
    {
      type: 'log_archive_failed',
      name: '/var/log/a.log',
      error: new Error('ENOSPC: no space left on device'),
    },
    'warn: a rotated file of the log /var/log/a.log cannot be compressed or removed: ENOSPC: no space ' +
      'left on device',
  ],
  log_dropped: [
    { type: 'log_dropped', dropped: { log: 'access', lines: 1 } },
    'error: 1 line of the access log had to be dropped',
  ],
  bus_ended: [
    { type: 'bus_ended', pid: 7, how: 'was ended by SIGKILL', retryIn: 0 },
    'error: bus: the broker (pid 7) was ended by SIGKILL; messages that were on their way are lost; it is ' +
      'replaced now',
  ],
  bus_dropped: [
    { type: 'bus_dropped', pid: 8, name: 'worker 2', messages: 1 },
    'warn: bus: 1 message for worker 2 (pid 8) dropped, the oldest first: it does not read them in time',
  ],
  pidfile_lost: [
    { type: 'pidfile_lost', path: '/a.pid', found: 'it no longer exists' },
    'warn: the pidfile /a.pid is not removed: it no longer exists',
  ],
  hook_failed: [
    { type: 'hook_failed', hook: 'child_exit', file: 'hooks.ts', error: new Error('x') },
    'error: the hook child_exit failed; the server keeps running',
  ],
  uncaught_error: [
    { type: 'uncaught_error', error: new Error('of a timer') },
    "error: uncaught error in the master (for example in a hook's timer); the server keeps running: " +
      'of a timer',
  ],
  master_blocked: [
    { type: 'master_blocked', by: 2500 },
    'warn: the master itself was blocked for 2.5 s; that time does not count against its workers',
  ],
  start_failed: [
    { type: 'start_failed', reason: 'no app', code: 4 },
    'fatal: the start failed: no app; exit code 4',
  ],
  stopping: [
    { type: 'stopping', mode: 'graceful', delay: 5000 },
    'info: stopping (graceful); still serving for 5 s (drain_delay)',
  ],
  stopped: [{ type: 'stopped' }, 'info: stopped'],
}

for (const [type, [event, sentence]] of Object.entries(sentences)) {
  test(`the event ${type} is reported as: ${sentence}`, () => {
    const { level, msg } = narrate(event)
    assert.equal(`${level}: ${msg}`, sentence)
  })
}

/** A text is missing between two signs, or at the end. */
const gap = /[:;,(]\s*(?:[:;,)]|$)/

test('no sentence has an empty text, whatever the errors and texts in its event have', () => {
  const emptied = (value: unknown): unknown => {
    if (value instanceof Error) return new Error('')
    if (Array.isArray(value)) return value.map(emptied)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, emptied(part)]))
  }
  for (const [event] of Object.values(sentences)) {
    const { msg } = narrate(emptied(event) as ArbiterEvent)
    assert.doesNotMatch(msg, gap)
  }
  for (const step of ['', ' '])
    for (const where of ['javascript', 'native', 'waiting'] as const) {
      const { msg } = narrate({ type: 'worker_stuck', worker: one, report: { ...report, where, step } })
      assert.doesNotMatch(msg, gap)
    }
})

/** The event of a worker that has ended, with the verdict on it. */
function ended(changes: object, end: object, retryIn = 0): Extract<ArbiterEvent, { type: 'worker_ended' }> {
  const record = { ...one, ...changes }
  const processEnd: ProcessEnd = { code: null, signal: null, ...end }
  return {
    type: 'worker_ended',
    worker: record,
    lived: 5000.4,
    retryIn,
    verdict: judge(record, processEnd, 5000),
  }
}

const endOf = (...parameters: Parameters<typeof ended>): string => {
  const { level, msg } = narrate(ended(...parameters))
  return `${level}: ${msg}`
}

test('a worker that is replaced for what it has done or holds is retired with the figure', () => {
  const load = {
    ...one.load,
    requests: 10_013,
    rss: 612 * 2 ** 20,
    heapUsed: 3701 * 2 ** 20,
    heapLimit: 4096 * 2 ** 20,
  }
  const sentencesOf = (['max_requests', 'max_memory', 'heap'] as const).map(
    (reason) => narrate({ type: 'worker_retired', worker: { ...one, load, reason } }).msg,
  )
  assert.deepEqual(sentencesOf, [
    'worker 3 (pid 4242) is retired after 10013 requests (max_requests)',
    'worker 3 (pid 4242) is retired at 612 MB (max_memory)',
    'worker 3 (pid 4242) is retired with 3701 MB of 4096 MB of its heap in use (heap)',
  ])
})

test('a development restart has one record: its workers come and go at the level debug', () => {
  const old = { reason: 'change' } as const
  const next = { ...one, restart: true }
  const levels = [
    narrate({ type: 'worker_retired', worker: { ...one, ...old } }),
    narrate(ended(old, { code: 0 })),
    narrate({ type: 'worker_started', worker: next }),
    narrate({ type: 'worker_ready', worker: next, took: 1 }),
  ].map(({ level }) => level)
  assert.deepEqual(levels, ['debug', 'debug', 'debug', 'debug'])
  assert.equal(narrate(ended(old, { code: 5 })).level, 'warn', 'what goes wrong is shown')
})

test('the last error of a crash loop is a field, in the text form only if the sentence does not say it', () => {
  const of = (lastError: string): readonly unknown[] => {
    const loop = { failures: 3, lastError, isNew: true }
    const fault = { message: 'boom', stack: 'TypeError: boom' }
    const { fields = {}, said = {} } = narrate({ ...ended({ fault }, { code: 1 }), loop })
    return [fields['last_error'], said['last_error']]
  }
  assert.deepEqual(of('TypeError: boom'), [undefined, 'TypeError: boom'])
  assert.deepEqual(of('no database'), ['no database', undefined])
})

test('a duration has the unit in which it is read', () => {
  const shown = [0, 40, 99.6, 250, 30_000, 119_000, 300_000, 7_200_000, 260_000_000].map(duration)
  const wanted = ['0 ms', '40 ms', '0.1 s', '0.3 s', '30 s', '119 s', '5 min', '2 h', '3 days']
  assert.deepEqual(shown, wanted)
})

test('the time that a worker waits on trial is not a part of its boot', () => {
  const { msg } = narrate({ type: 'worker_ready', worker: { ...one, trial: 1000 }, took: 1204 })
  assert.equal(msg, 'worker 3 (pid 4242) is ready after 0.2 s, 1 s on trial')
})

test('an abort has no figures of the last beat, which a blocked worker sent before it was blocked', () => {
  const load = { ...one.load, busy: 2, connections: 3 }
  const { fields, said } = narrate({ type: 'worker_aborted', worker: { ...one, load }, silent: 1 })
  assert.deepEqual([fields, said], [undefined, undefined])
})

test('the end of a worker says whether it was planned, how it ended, and what happens next', () => {
  assert.equal(endOf({ reason: 'scale' }, { code: 0 }), 'info: worker 3 (pid 4242) ended: scale, after 5 s')
  assert.equal(endOf({}, { code: 42 }), 'error: worker 3 (pid 4242) died: it exited with code 42, after 5 s')
  assert.equal(
    endOf({ reason: 'reload' }, { code: 42 }),
    'warn: worker 3 (pid 4242) ended: reload, after 5 s: it exited with code 42',
  )
  assert.equal(
    endOf({ readyAt: null }, { code: 42 }),
    'error: worker 3 (pid 4242) died: it exited with code 42 before it was ready, after 5 s',
  )
  assert.equal(
    endOf({ pid: null, readyAt: null }, { error: new Error('spawn EAGAIN') }, 1500),
    'error: worker 3 (no pid) could not be started: spawn EAGAIN; next attempt in 1.5 s',
  )
  assert.equal(
    endOf({ pid: null, readyAt: null, reason: 'stop' }, { code: 0 }),
    'info: worker 3 (no pid) was cancelled before its process was started',
  )
})

test('a worker that the master killed says so, and which limit had passed', () => {
  const killedFor = (reason: ExitReason, readyAt: number | null = 0): string =>
    endOf({ reason, readyAt, killed: true }, killed)
  assert.equal(
    killedFor('stop'),
    'error: worker 3 (pid 4242) ended: stop, after 5 s: it was ended by SIGKILL: tsgun killed it: it did ' +
      'not exit in time (stop)',
  )
  assert.equal(
    killedFor('timeout'),
    'error: worker 3 (pid 4242) died: it was ended by SIGKILL, after 5 s: tsgun killed it: its event loop ' +
      'stayed silent after the abort',
  )
  assert.equal(
    killedFor('boot_timeout', null),
    'error: worker 3 (pid 4242) died: it was ended by SIGKILL before it was ready, after 5 s: tsgun killed it: ' +
      'it was not ready within boot_timeout',
  )
  assert.equal(
    endOf({ reason: 'timeout' }, { code: 1 }),
    'error: worker 3 (pid 4242) died: it exited with code 1, after 5 s: tsgun aborted it',
  )
})

test('a kill names the limit that was passed', () => {
  const why = (reason: 'boot_timeout' | 'timeout'): string =>
    narrate({ type: 'worker_killed', worker: { ...one, reason } }).msg
  assert.match(why('boot_timeout'), /not ready within boot_timeout/)
  assert.match(why('timeout'), /stayed silent after the abort/)
})

const fieldsOf = (record: object, end: object): Readonly<Record<string, unknown>> | undefined =>
  narrate(ended(record, end)).fields

test('how long a worker lived, how and by whom it ended is in the sentence, and in fields for machines', () => {
  const { said, fields } = narrate(ended({ generation: 2 }, { ...killed, lastLines: ['a', 'b'] }))
  assert.deepEqual(said, {
    uptime_ms: 5000,
    exit_code: null,
    signal: 'SIGKILL',
    ended_by: 'other',
    reason: 'signal',
  })
  assert.deepEqual(fields, { stderr: ['a', 'b'] }, 'what the sentence does not say')
})

test('an orderly end shows no lines; without captured output there are none', () => {
  assert.equal(fieldsOf({ reason: 'stop' }, { code: 0, lastLines: ['a'] })?.['stderr'], undefined)
  assert.deepEqual(fieldsOf({ reason: 'stop' }, { code: 5, lastLines: ['a'] })?.['stderr'], ['a'])
  assert.deepEqual(fieldsOf({ reason: 'stop', killed: true }, { ...killed, lastLines: ['a'] })?.['stderr'], [
    'a',
  ])
  assert.ok(!('stderr' in (fieldsOf({}, killed) ?? {})))
})

test('the record of a stuck worker has its place, requests, memory and stack, and says what a boot was at', () => {
  const { fields, said } = narrate({ type: 'worker_stuck', worker: one, report })
  assert.deepEqual(said, {
    stuck_in: 'javascript',
    silent_ms: 30_002,
    heap_used: 200 * 2 ** 20,
    heap_limit: 4096 * 2 ** 20,
    rss: 300 * 2 ** 20,
  })
  assert.deepEqual(fields, {
    in_flight: ['GET / age_ms=5', 'and 2 more'],
    stack: ['at f (/srv/app.ts:1:2)'],
  })
  const native = {
    ...report,
    where: 'native',
    step: "it is still in the app's startup()",
    heapUsed: null,
    stack: [],
  } as const
  const stuck = narrate({ type: 'worker_stuck', worker: one, report: native })
  assert.match(
    stuck.msg,
    /native code .* no JavaScript stack; it is still in the app's startup\(\); it uses 300 MB$/,
  )
  assert.ok(stuck.said && !('heap_used' in stuck.said))
  assert.ok(stuck.fields && !('stack' in stuck.fields))
  const waiting = { ...native, where: 'waiting', step: 'it is still loading /srv/app.ts' } as const
  assert.match(
    narrate({ type: 'worker_stuck', worker: one, report: waiting }).msg,
    /its event loop turns; it is still loading/,
  )
})
