// What each field of a response means. The docs page is generated from it, and a test compares it with real
// responses. Pure.

export interface ResponseField {
  readonly type: string
  readonly meaning: string
}

type Fields = Readonly<Record<string, ResponseField>>

export const statusFields: Fields = {
  version: { type: 'text', meaning: 'The version of tsgun.' },
  pid: { type: 'number', meaning: 'The process id of the master.' },
  state: { type: 'text', meaning: '`starting`, `serving`, `reloading`, `upgrading` or `stopping`.' },
  uptime_seconds: {
    type: 'number',
    meaning: 'Seconds since the master was started.',
  },
  config: { type: 'text or null', meaning: 'The config file in use.' },
  listeners: {
    type: 'list of texts',
    meaning: 'The addresses that the server listens on, such as `http://127.0.0.1:8000`.',
  },
  generation: {
    type: 'number',
    meaning:
      'The generation that serves: 1 at the start. Each reload takes the next number, even if it fails.',
  },
  'workers.wanted': { type: 'number', meaning: 'The number of workers that the server keeps running.' },
  'workers.ready': { type: 'number', meaning: 'The number of slots with a worker that serves.' },
  'requests.answered': {
    type: 'number',
    meaning:
      'Requests since the start, of running and exited workers. Workers report their count once a second.',
  },
  'requests.busy': { type: 'number', meaning: 'Requests in progress.' },
  'requests.overdue': {
    type: 'number',
    meaning: 'Requests that exceeded `request_timeout` and that the app has not ended.',
  },
  connections: { type: 'number', meaning: 'Open connections of all workers.' },
  'last_reload.attempt': {
    type: 'number',
    meaning: 'The number of the reload, from 1. `last_reload` is null until the first reload has ended.',
  },
  'last_reload.ok': { type: 'boolean', meaning: 'Whether the reload was successful.' },
  'last_reload.reason': { type: 'text or null', meaning: 'Why the reload failed.' },
  'last_reload.at': { type: 'text', meaning: 'When the reload ended, in ISO 8601.' },
  'slots[].nr': { type: 'number', meaning: 'The number of the slot, from 0.' },
  'slots[].state': { type: 'text', meaning: '`ready`, `starting` or `crash-loop`.' },
  'slots[].failures': {
    type: 'number',
    meaning: 'Workers in a row that failed before they were ready or soon after.',
  },
  'slots[].last_error': {
    type: 'text or null',
    meaning: 'Why the last of these workers failed, in one line.',
  },
  'services[].name': { type: 'text', meaning: 'The name of a service in `services`; "web" is not listed.' },
  'services[].generation': { type: 'number', meaning: 'The generation that its processes run.' },
  'services[].processes.wanted': { type: 'number', meaning: 'How many processes it has.' },
  'services[].processes.ready': { type: 'number', meaning: 'How many of them are ready.' },
  'services[].slots': {
    type: 'list',
    meaning: 'The slots of its processes, with the fields of `slots`.',
  },
  'tasks[].name': { type: 'text', meaning: 'The name of the task in `tasks`; two have it during a reload.' },
  'tasks[].generation': { type: 'number', meaning: 'The generation that its processes run.' },
  'tasks[].processes.wanted': { type: 'number', meaning: 'How many processes the pool has.' },
  'tasks[].processes.ready': { type: 'number', meaning: 'How many of them take tasks.' },
  'tasks[].waiting': {
    type: 'number',
    meaning:
      'Calls that wait now. This field and those below are of all generations, and count since the start.',
  },
  'tasks[].running': { type: 'number', meaning: 'Calls that run now.' },
  'tasks[].done': { type: 'number', meaning: 'Calls that have got their output.' },
  'tasks[].failed': { type: 'number', meaning: 'Calls whose task has thrown (`TASK_FAILED`).' },
  'tasks[].refused': { type: 'number', meaning: 'Calls that found the queue full (`TASK_QUEUE_FULL`).' },
  'tasks[].lost': { type: 'number', meaning: 'Calls whose process ended (`TASK_LOST`).' },
  'tasks[].cancelled': { type: 'number', meaning: 'Calls that their caller has cancelled.' },
  'tasks[].timed_out': { type: 'number', meaning: 'Calls that took too long (`TASK_TIMEOUT`).' },
  'tasks[].batches': { type: 'number', meaning: 'Runs: without `batch` one for each call.' },
  'tasks[].batch_mean': { type: 'number or null', meaning: 'Inputs per run; null before the first.' },
  'tasks[].wait_p50_ms': {
    type: 'number or null',
    meaning: 'Milliseconds that half of the calls waited at most, to within a fifth.',
  },
  'tasks[].wait_p99_ms': { type: 'number or null', meaning: 'The same of 99 of 100 calls.' },
  'tasks[].run_p50_ms': {
    type: 'number or null',
    meaning: 'Milliseconds that half of the runs took at most.',
  },
  'tasks[].run_p99_ms': { type: 'number or null', meaning: 'The same of 99 of 100 runs.' },
  'bus.published': {
    type: 'number',
    meaning: 'Messages and requests since the start. `bus` is null while no process uses the bus.',
  },
  'bus.delivered': { type: 'number', meaning: 'The same, once for each process that they were sent to.' },
  'bus.dropped': { type: 'number', meaning: 'Messages that were dropped because a process was too slow.' },
  'bus.clients': { type: 'number', meaning: 'Processes and threads that use the bus.' },
  'bus.subscriptions': { type: 'number', meaning: 'Topics that they have subscribed to.' },
  'bus.restarts': { type: 'number', meaning: 'Brokers that ended and were replaced.' },
  'logs.access.name': {
    type: 'text',
    meaning:
      'The file, `stdout`, `stderr` or `none`; `logs.error` and `logs.app`, and logs that a service has of ' +
      'its own (`logs["feed/app"]`), have the same fields.',
  },
  'logs.access.written': {
    type: 'number',
    meaning: 'Bytes written since the server uses this file, also to rotated and renamed ones.',
  },
  'logs.access.waiting': { type: 'number', meaning: 'Bytes in memory that are not written yet.' },
  'logs.access.dropped': {
    type: 'number',
    meaning: 'Lines that were dropped, because too many were waiting.',
  },
  'logs.access.rotations': { type: 'number', meaning: 'Rotations since the start.' },
}

export const workerFields: Fields = {
  nr: { type: 'number', meaning: 'The slot of the worker, from 0. Its replacement has the same number.' },
  task: { type: 'text or null', meaning: 'The task that it runs; null for any other process.' },
  service: {
    type: 'text or null',
    meaning: 'The service that it runs, "web" for a worker of the app; null for a process of a task.',
  },
  age: {
    type: 'number',
    meaning: 'A counter of started workers: the oldest worker has the lowest age.',
  },
  generation: { type: 'number', meaning: 'The generation of the config and code that it runs.' },
  pid: { type: 'number or null', meaning: 'The process id; null before the process is started.' },
  state: { type: 'text', meaning: '`spawned`, `booting`, `ready`, `draining`, `aborting` or `killed`.' },
  reason: {
    type: 'text or null',
    meaning: 'Why it is being stopped: `reload`, `scale`, `max_requests` and so on.',
  },
  age_seconds: { type: 'number', meaning: 'Seconds since it was started.' },
  uptime_seconds: { type: 'number or null', meaning: 'Seconds since it was ready; null before.' },
  beat_seconds: {
    type: 'number',
    meaning: 'Seconds since its last beat. More than a few mean that its event loop is blocked.',
  },
  requests: {
    type: 'number',
    meaning: 'Answered requests. This field and the following ones are as of the last beat.',
  },
  busy: { type: 'number', meaning: 'Requests in progress.' },
  connections: { type: 'number', meaning: 'Open connections.' },
  overdue: { type: 'number', meaning: 'Requests that exceeded `request_timeout`.' },
  rss: { type: 'number', meaning: 'Memory in bytes; 0 before the first beat.' },
}
