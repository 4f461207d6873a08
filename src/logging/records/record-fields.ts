// The fields of a JSON record of the error log and the app log, for docs/reference/log-fields.md. An app's
// own records have its fields in addition.

export interface RecordField {
  readonly name: string
  readonly type: 'string' | 'string or null' | 'integer' | 'integer or null' | 'object' | 'array of strings'
  /** The records with this field. */
  readonly of: string
  readonly meaning: string
}

/** Fields of all or many records come first, in the order in which they are written. */
export const recordFields = [
  {
    name: 'level',
    type: 'string',
    of: 'all',
    meaning: '`trace`, `debug`, `info`, `warn`, `error` or `fatal`',
  },
  { name: 'time', type: 'string', of: 'all', meaning: 'ISO 8601, UTC, with milliseconds' },
  { name: 'pid', type: 'integer', of: 'all', meaning: 'Process id of the worker or the master' },
  {
    name: 'nr',
    type: 'integer',
    of: 'all of and about workers',
    meaning:
      'Number of the worker; its replacement has the same number. Absent in other records of the master',
  },
  {
    name: 'thread',
    type: 'integer',
    of: 'all of and about a thread that serves (`worker_class: "threads"`)',
    meaning: 'Number of the thread in its worker, from 0; its replacement has the same number',
  },
  {
    name: 'task',
    type: 'string',
    of: 'all of and about a process of a task',
    meaning: 'Name of the task',
  },
  {
    name: 'service',
    type: 'string',
    of: 'all of and about a service or a schedule',
    meaning: 'Its name; "web" is the app of the server. The master leaves that name out',
  },
  {
    name: 'process',
    type: 'string',
    of: 'all of the process that runs `preload()`',
    meaning: '`preload`; such a record has no `nr`',
  },
  {
    name: 'event',
    type: 'string',
    of: 'the error log',
    meaning:
      'What has happened: a name of the [list of events](#events); absent in records of a worker that ' +
      'have no name',
  },
  {
    name: 'worker_pid',
    type: 'integer or null',
    of: 'all of the master about a worker',
    meaning: "Process id of the worker, null when it was not started; `pid` is the master's",
  },
  {
    name: 'age',
    type: 'integer',
    of: 'all of the master about a worker',
    meaning: 'Count of workers started so far, including this one',
  },
  {
    name: 'generation',
    type: 'integer',
    of: 'all of the master about a worker',
    meaning: 'Number of the load of the config that the worker runs, from 1',
  },
  {
    name: 'duration_ms',
    type: 'integer',
    of: 'all of the master about a worker, start, reload, restart, upgrade or stop; a late request',
    meaning:
      'Milliseconds since that began: since the worker was started, the order to reload, the start of the ' +
      'request, …; a start begins with the process',
  },
  { name: 'stream', type: 'string', of: 'captured output', meaning: '`stdout` or `stderr`' },
  {
    name: 'request_id',
    type: 'string',
    of: '`req.log`, a failed or late request, a 5xx',
    meaning: 'Id of the request, as in the access log',
  },
  {
    name: 'err',
    type: 'object',
    of: 'errors',
    meaning:
      '`type`, `message`, `stack` and the other properties of the error; `cause` and `aggregateErrors` ' +
      'have the same form',
  },
  { name: 'method', type: 'string', of: 'a failed or late request, a 5xx', meaning: 'Request method' },
  {
    name: 'path',
    type: 'string',
    of: 'a failed or late request, a 5xx',
    meaning: 'Request target, with the query',
  },
  {
    name: 'status',
    type: 'integer',
    of: 'a failed request, a 5xx',
    meaning: 'Status of the response; absent for an upgrade, which has none',
  },
  {
    name: 'count',
    type: 'integer',
    of: 'more late requests, 5xx, failed handshakes, refusals',
    meaning:
      'How many more there were in one second (`clients_refused` and `proxies_refused`: a minute), ' +
      'without a record of their own',
  },
  {
    name: 'remote_addr',
    type: 'string',
    of: 'a refused request or connection, a failed handshake',
    meaning: 'Address of the client',
  },
  {
    name: 'limit',
    type: 'integer',
    of: '`client_refused`',
    meaning: '`max_connections_per_ip`',
  },
  { name: 'hook', type: 'string', of: 'a failed hook', meaning: 'Name of the hook' },
  { name: 'file', type: 'string', of: 'a failed hook', meaning: 'File that defines the hook' },
  { name: 'uptime_ms', type: 'integer', of: 'end of a worker', meaning: 'Milliseconds since it was started' },
  {
    name: 'exit_code',
    type: 'integer or null',
    of: 'end of a worker',
    meaning: 'Exit code; null when a signal ended it',
  },
  {
    name: 'signal',
    type: 'string or null',
    of: 'end of a worker',
    meaning: 'Signal that ended it; null when it exited',
  },
  {
    name: 'ended_by',
    type: 'string or null',
    of: 'end of a worker',
    meaning:
      '`tsgun`: stopped, aborted or killed by the master; `itself`: it exited or crashed; `other`: by a ' +
      'signal that tsgun did not send; null: it was never started',
  },
  {
    name: 'reason',
    type: 'string',
    of: 'end of a worker; a refused request or connection, a failed handshake or order (`acme`)',
    meaning:
      'Why it was refused or has failed, in words; or why the master ended the worker: `retired`, ' +
      '`reload`, `scale`, `stop`, `quit`, `timeout`, ' +
      '`boot_timeout`, `reload_failed`, `change`, `self`; or `disconnected`: its app closed the IPC ' +
      'channel; `oom`: V8 or the kernel had no memory for it; `signal`, `exit`: any other end',
  },
  {
    name: 'stderr',
    type: 'array of strings',
    of: 'end of a worker',
    meaning: 'Last lines of its stderr; absent after a regular exit and with `capture_output: false`',
  },
  {
    name: 'failures',
    type: 'integer',
    of: 'end of a worker, in a crash loop',
    meaning: 'Number of workers of the slot that failed in a row',
  },
  {
    name: 'last_error',
    type: 'string',
    of: 'end of a worker, in a crash loop',
    meaning: 'Why the last of them failed, in one line of at most 200 characters',
  },
  {
    name: 'stuck_in',
    type: 'string',
    of: 'a stuck worker',
    meaning: 'Where it is stuck: `javascript`, `native` or `waiting`',
  },
  {
    name: 'silent_ms',
    type: 'integer',
    of: 'a stuck worker',
    meaning: 'Milliseconds since the last turn of its event loop',
  },
  {
    name: 'heap_used',
    type: 'integer',
    of: 'a stuck worker',
    meaning: 'Bytes of heap in use; absent, like `heap_limit`, when stuck in native code',
  },
  { name: 'heap_limit', type: 'integer', of: 'a stuck worker', meaning: 'Maximum size of its heap in bytes' },
  { name: 'rss', type: 'integer', of: 'a stuck worker', meaning: 'Resident memory in bytes' },
  {
    name: 'files',
    type: 'array of strings',
    of: 'a change (`reload`), new certificates',
    meaning: 'Changed files',
  },
  {
    name: 'domains',
    type: 'array of strings',
    of: '`acme`',
    meaning: 'Names of the certificate',
  },
  { name: 'directory', type: 'string', of: '`acme`', meaning: 'URL of the authority' },
  { name: 'module', type: 'string', of: '`preload()`', meaning: 'File that exports it' },
  {
    name: 'shared_bytes',
    type: 'integer',
    of: '`preload()`',
    meaning: 'Bytes that all processes share',
  },
  {
    name: 'started_by',
    type: 'array of strings',
    of: 'an uncaught error',
    meaning: 'Those requests in flight whose handler has started the code that failed, as far as it is known',
  },
  {
    name: 'in_flight',
    type: 'array of strings',
    of: 'a stuck worker, an uncaught error',
    meaning: 'Requests in flight, oldest first: method, target, age and, if known, id',
  },
  {
    name: 'stack',
    type: 'array of strings',
    of: 'a stuck worker',
    meaning: 'JavaScript stack where it is stuck, innermost frame first, in the lines of the source',
  },
  {
    name: 'busy',
    type: 'integer',
    of: 'an end by a signal',
    meaning: 'Requests in flight at its last beat',
  },
  { name: 'connections', type: 'integer', of: 'a full worker', meaning: 'Open connections' },
  { name: 'serving', type: 'integer', of: 'a full worker', meaning: 'Connections with a request in flight' },
  { name: 'upgraded', type: 'integer', of: 'a full worker', meaning: 'Connections that were upgraded' },
  { name: 'idle', type: 'integer', of: 'a full worker', meaning: 'Connections without a request' },
  {
    name: 'requests',
    type: 'array of strings',
    of: 'requests cut off',
    meaning: 'Method and target of each',
  },
  {
    name: 'settings',
    type: 'array of strings',
    of: 'a reload that changes settings',
    meaning: 'Names of the changed settings',
  },
  { name: 'topic', type: 'string', of: 'a failed handler of the bus', meaning: 'Topic of the message' },
  { name: 'messages', type: 'integer', of: 'dropped messages', meaning: 'Number of messages' },
  { name: 'log', type: 'string', of: 'dropped lines', meaning: 'Which log: `access`, `error`, `app`' },
  { name: 'lines', type: 'integer', of: 'dropped lines', meaning: 'Number of dropped lines' },
  {
    name: 'cpus',
    type: 'integer',
    of: 'the start',
    meaning: 'How many CPUs the server may use, within the quota of its cgroup',
  },
  {
    name: 'services',
    type: 'array of strings',
    of: '`starting`',
    meaning: 'Names of the services; only with `services`',
  },
  {
    name: 'task_cpus',
    type: 'integer',
    of: 'the start',
    meaning: 'How many of them each task process should use (`TSGUN_CPUS`); only with `tasks`',
  },
  { name: 'config', type: 'string', of: 'the start', meaning: 'Path of the config file, or `none`' },
  {
    name: 'access_log',
    type: 'string',
    of: 'the start',
    meaning: 'Destination of the access log: a path, `stdout`, `stderr` or `none`',
  },
  { name: 'error_log', type: 'string', of: 'the start', meaning: 'Destination of the error log' },
  { name: 'app_log', type: 'string', of: 'the start', meaning: 'Destination of the app log' },
  { name: 'msg', type: 'string', of: 'all with a message', meaning: 'The message; the last field' },
] as const satisfies readonly RecordField[]
