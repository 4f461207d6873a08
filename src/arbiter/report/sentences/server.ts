// The sentences about the server: start, orders, reload, upgrade, stop. Pure.

import { mainService } from '../../../config/sources/service-plans.ts'
import { describeError } from '../../../logging/records/describe-error.ts'
import { dateOf } from '../../../tls/validity.ts'
import { taskShare } from '../../model/cpu-share.ts'
import type { SettingChange, StartFacts } from '../../model/events.ts'
import { count, duration, failure, info, megabytes, warn, type Describe, type EventType } from './sentence.ts'

export const serverSentences = {
  starting: ({ facts }) => ({
    level: 'info',
    msg:
      `tsgun ${facts.version} starts ${facts.app} with ${count(facts.workers, 'worker')} of class ` +
      `${facts.worker_class}${andTasks(facts)} on Node.js ${facts.node}`,
    fields: {
      ...(facts.services.length > 0 ? { services: facts.services } : {}),
      cpus: facts.cpus,
      ...(facts.task_processes > 0 ? { task_cpus: taskShare(facts.cpus, facts.task_processes) } : {}),
      config: facts.config ?? 'none',
      access_log: facts.logs['access'],
      error_log: facts.logs['error'],
      app_log: facts.logs['app'],
    },
  }),
  listening: ({ urls }) => info(`listening at ${urls.join(', ')}`),
  address_in_use: ({ address, triesLeft }) =>
    warn(`${address} is in use; ${count(triesLeft, 'more try', 'more tries')}`),
  system_calls_missing: ({ reason }) =>
    warn(`system calls are missing, so connections are refused until the first worker listens: ${reason}`),
  warning: ({ message }) => warn(message),
  signal: ({ signal }) => info(`got ${signal}`),
  signal_ignored: ({ signal, why }) => info(`got ${signal}, ignored: ${why}`),
  ordered: ({ order }) => info(`got the order ${order.type} over the control socket`),
  schedule_missed: ({ schedule, count: runs, from, to, isMadeGood }) => ({
    level: 'warn',
    msg:
      `the schedule ${schedule} has missed ${count(runs, 'run')}, ${between(from, to)}` +
      (isMadeGood ? '; one run makes them good' : ''),
    said: { service: schedule, count: runs },
  }),
  schedule_skipped: ({ schedule, time }) => ({
    level: 'warn',
    msg: `the run of the schedule ${schedule} at ${isoOf(time)} is left out: the one before still runs`,
    said: { service: schedule },
  }),
  service_lost: ({ service, failures, inRow, reason, code }) => ({
    level: 'fatal',
    msg:
      `the critical service ${service} cannot be kept alive (${count(failures, 'failure')} ` +
      `${inRow ? 'in a row' : 'within a minute'}): ${reason}; the server stops with exit code ${code}`,
    said: { service, failures, last_error: reason },
  }),
  scaled: ({ service, from, to }) => ({
    level: 'info',
    msg: `the number of workers${ofService(service)} changes from ${from} to ${to}`,
    said: { service },
  }),
  reloading: () => info('reload: loading the config'),
  reload_queued: () => info('reload queued: another start or reload is in progress'),
  reload_failed: ({ reason }) => ({
    level: 'error',
    msg: `reload failed, the old generation keeps serving: ${reason}`,
  }),
  service_unchanged: ({ service }) => ({
    level: 'info',
    msg: `nothing has changed for the service ${service}: its processes stay`,
    said: { service },
  }),
  reload_kept: ({ settings }) =>
    warn(`reload: only a restart changes ${settings.join(', ')}; the old values stay`),
  reload_changes: ({ changes }) => ({
    level: 'info',
    msg: `reload: settings changed: ${describeChanges(changes)}`,
    said: { settings: changes.map((change) => change.name) },
  }),
  reloaded: ({ generation, took }) =>
    info(`reload done: generation ${generation} serves, after ${duration(took)}`),
  upgrading: ({ pid }) => info(`upgrade: a new master starts beside this one, pid ${pid}`),
  upgraded: ({ pid }) =>
    info(
      `upgrade: the new master ${pid} serves beside this one; TERM to this master (${process.pid}) ` +
        `completes the upgrade, TERM to ${pid} reverts it`,
    ),
  upgrade_failed: ({ reason }) => ({
    level: 'error',
    msg: `upgrade failed, this master keeps serving: ${reason}`,
  }),
  upgrade_reverted: ({ pid }) =>
    warn(`upgrade reverted: the new master ${pid} has exited, this one keeps serving`),
  upgrade_done: ({ from }) =>
    info(`upgrade done: the old master ${from} has exited, this one takes its place`),
  certificates_renewed: ({ certificates }) => ({
    level: 'info',
    msg: `TLS: new certificates are served: ${certificates.map(describeCertificate).join(', ')}`,
    said: { files: certificates.map(({ certfile }) => certfile) },
  }),
  certificates_refused: ({ reason }) => ({
    level: 'error',
    msg: `TLS: the changed files are not used, the certificates before them are still served: ${reason}`,
  }),
  acme_placeholder: ({ domains }) => ({
    level: 'warn',
    msg: `ACME: there is no certificate for ${domains.join(', ')} yet; a self-signed one is served meanwhile`,
    said: { domains },
  }),
  acme_ordering: ({ domains, directory }) => ({
    level: 'info',
    msg: `ACME: ordering a certificate for ${domains.join(', ')} from ${directory}`,
    said: { domains, directory },
  }),
  acme_obtained: ({ domains, directory, expires, renewal }) => ({
    level: 'info',
    msg:
      `ACME: got a certificate for ${domains.join(', ')} from ${directory}, until ${dateOf(expires)}; it ` +
      `is renewed on ${dateOf(renewal)}`,
    said: { domains, directory },
  }),
  acme_paused: ({ domains, retryIn }) => ({
    level: 'info',
    msg:
      `ACME: the certificate for ${domains.join(', ')} is ordered in ${duration(retryIn)}, because the ` +
      'last order has failed a short while ago',
    said: { domains },
  }),
  acme_failed: ({ domains, reason, retryIn, expires }) => ({
    level: 'error',
    msg:
      `ACME: no certificate for ${domains.join(', ')}, next try in ${duration(retryIn)}, served is ` +
      `${expires === null ? 'a self-signed one' : `the one until ${dateOf(expires)}`}: ${reason}`,
    said: { domains, reason },
  }),
  preloading: ({ module }) => ({
    level: 'info',
    msg: `preload: running ${module}`,
    said: { module },
  }),
  preloaded: ({ module, took, size, copies }) => ({
    level: copies === undefined ? 'info' : 'warn',
    msg:
      `preload: done after ${duration(took)}; ` +
      (copies === undefined
        ? `${bytesOf(size)} are shared by all processes`
        : `every process has a copy of ${bytesOf(size)}, because memory cannot be shared here: ${copies}`),
    said: { module, shared_bytes: size },
  }),
  preload_failed: ({ error }) => failure('error', error.message, error),
  files_changed: ({ files }) => ({
    level: 'debug',
    msg: `the workers restart for a change of ${someFiles(files)}`,
    fields: { files },
  }),
  restarted: ({ generation, took, files }) => ({
    level: 'info',
    msg:
      `restarted: generation ${generation} serves, ${duration(took)} after a change of ` + someFiles(files),
    said: { files },
  }),
  app_broken: ({ error }) =>
    failure(
      'error',
      `the app does not start, every request gets the error page until a file is saved: ${error.message}`,
      error,
    ),
  bus_ended: ({ pid, how, retryIn }) => ({
    level: 'error',
    msg:
      `bus: the broker${pid === null ? '' : ` (pid ${pid})`} ${how}; messages that were on their way are ` +
      'lost; ' +
      (retryIn === 0 ? 'it is replaced now' : `the next one starts in ${duration(retryIn)}`),
  }),
  bus_dropped: ({ pid, name, messages }) => ({
    level: 'warn',
    msg:
      `bus: ${count(messages, 'message')} for ${name} (pid ${pid}) dropped, the oldest first: it does not ` +
      'read them in time',
    said: { worker_pid: pid, messages },
  }),
  pidfile_lost: ({ path, found }) => warn(`the pidfile ${path} is not removed: ${found}`),
  hook_failed: ({ hook, file, error }) => ({
    level: 'error',
    msg: `the hook ${hook} failed; the server keeps running`,
    fields: { err: error, file },
    said: { hook },
  }),
  uncaught_error: ({ error }) => ({
    level: 'error',
    msg:
      "uncaught error in the master (for example in a hook's timer); the server keeps running: " +
      describeError(error).message,
    fields: { err: error },
  }),
  master_blocked: ({ by }) =>
    warn(`the master itself was blocked for ${duration(by)}; that time does not count against its workers`),
  start_failed: ({ reason, code }) => ({
    level: 'fatal',
    msg: `the start failed: ${reason}; exit code ${code}`,
  }),
  stopping: ({ mode, delay }) =>
    info(`stopping (${mode})${delay > 0 ? `; still serving for ${duration(delay)} (drain_delay)` : ''}`),
  stopped: () => info('stopped'),
} as const satisfies { readonly [Type in EventType]?: Describe<Type> }

function isoOf(time: number): string {
  return new Date(time).toISOString()
}

function between(from: number, to: number): string {
  return from === to ? `at ${isoOf(from)}` : `from ${isoOf(from)} to ${isoOf(to)}`
}

function ofService(service: string): string {
  return service === mainService ? '' : ` of ${service}`
}

function bytesOf(size: number): string {
  return size < 2 ** 20 ? `${Math.ceil(size / 1024)} KB` : megabytes(size)
}

function someFiles([first = '', ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} and ${count(more.length, 'other file')}`
}

function describeCertificate({ certfile, expires }: { certfile: string; expires: number }): string {
  return `${certfile} (until ${dateOf(expires)})`
}

function andTasks({ task_processes }: StartFacts): string {
  return task_processes === 0 ? '' : ` and ${count(task_processes, 'task process', 'task processes')}`
}

/** `workers 2 → 4, env.SECRET (hidden)` */
function describeChanges(changes: readonly SettingChange[]): string {
  const shown = ({ from, to }: NonNullable<SettingChange['values']>): string =>
    `${from ?? 'none'} → ${to ?? 'none'}`
  return changes.map(({ name, values }) => `${name} ${values ? shown(values) : '(hidden)'}`).join(', ')
}
