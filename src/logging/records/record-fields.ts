// The fields of a JSON record of the error log and the app log, for docs/logging.md. What an app gives its
// own records comes on top.

export interface RecordField {
  readonly name: string
  readonly type: 'string' | 'string or null' | 'integer' | 'integer or null' | 'object' | 'array of strings'
  /** The records that have it. */
  readonly of: string
  readonly meaning: string
}

/** First those that stand in every record or in many, in the order in which they are written. */
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
    name: 'worker',
    type: 'integer',
    of: 'all of workers',
    meaning: 'Number of the worker; the master has none',
  },
  { name: 'stream', type: 'string', of: 'captured output', meaning: '`stdout` or `stderr`' },
  {
    name: 'request_id',
    type: 'string',
    of: '`req.log`, a failed request',
    meaning: 'Id of the request, as in the access log',
  },
  {
    name: 'err',
    type: 'object',
    of: 'errors',
    meaning:
      '`type`, `message`, `stack`, and what else the error has; `cause` and `aggregateErrors` are ' +
      'objects of this kind',
  },
  { name: 'method', type: 'string', of: 'a failed or late request', meaning: 'Request method' },
  { name: 'path', type: 'string', of: 'a failed or late request', meaning: 'Request target, with the query' },
  {
    name: 'duration_ms',
    type: 'integer',
    of: 'a late request',
    meaning: 'Milliseconds it had taken when `request_timeout` ended it',
  },
  {
    name: 'count',
    type: 'integer',
    of: 'more late requests',
    meaning: 'How many, without records of their own, in a second',
  },
  { name: 'hook', type: 'string', of: 'a failed hook', meaning: 'Name of the hook' },
  { name: 'file', type: 'string', of: 'a failed hook', meaning: 'Where the hook comes from' },
  {
    name: 'nr',
    type: 'integer',
    of: 'end of a worker',
    meaning: 'Number of the worker, which its replacement takes over',
  },
  {
    name: 'worker_pid',
    type: 'integer or null',
    of: 'end of a worker',
    meaning: "Its process id, null when it could not be started; `pid` is the master's",
  },
  {
    name: 'age',
    type: 'integer',
    of: 'start and end of a worker',
    meaning: 'How many workers had been started, with this one',
  },
  {
    name: 'generation',
    type: 'integer',
    of: 'end of a worker',
    meaning: 'Which load of the config it had, from 1',
  },
  { name: 'uptime_ms', type: 'integer', of: 'end of a worker', meaning: 'Milliseconds since it was begun' },
  {
    name: 'exit_code',
    type: 'integer or null',
    of: 'end of a worker',
    meaning: 'Exit code; null for one that a signal ended',
  },
  {
    name: 'signal',
    type: 'string or null',
    of: 'end of a worker',
    meaning: 'The signal that ended it; null when it exited',
  },
  {
    name: 'ended_by',
    type: 'string or null',
    of: 'end of a worker',
    meaning:
      '`tsgun`: by order, abort or kill; `itself`: it exited or crashed; `other`: by a signal that ' +
      'tsgun did not send; null: it never began',
  },
  {
    name: 'reason',
    type: 'string',
    of: 'end of a worker',
    meaning:
      'Why the master wanted its end: `retired`, `reload`, `scale`, `stop`, `quit`, `timeout`, ' +
      '`boot_timeout`, `reload_failed`, `change`; or `disconnected`: its app closed the channel; ' +
      '`oom`: V8 or the kernel had no memory for it; `signal`, `exit`: anything else',
  },
  {
    name: 'stderr',
    type: 'array of strings',
    of: 'end of a worker',
    meaning: 'Its last lines; absent after an orderly end and with `capture_output: false`',
  },
  {
    name: 'failures',
    type: 'integer',
    of: 'end of a worker, in a crash loop',
    meaning: 'How many workers of the slot have failed in a row',
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
    meaning: 'What holds it up: `javascript`, `native`, or `waiting`',
  },
  {
    name: 'silent_ms',
    type: 'integer',
    of: 'a stuck worker',
    meaning: 'Milliseconds since its event loop turned',
  },
  {
    name: 'heap_used',
    type: 'integer',
    of: 'a stuck worker',
    meaning: 'Bytes; absent when native code holds it up, like `heap_limit`',
  },
  { name: 'heap_limit', type: 'integer', of: 'a stuck worker', meaning: 'Bytes that its heap may have' },
  { name: 'rss', type: 'integer', of: 'a stuck worker', meaning: 'Bytes of memory that it has' },
  {
    name: 'files',
    type: 'array of strings',
    of: 'a change (`reload`)',
    meaning: 'The files that have changed',
  },
  {
    name: 'in_flight',
    type: 'array of strings',
    of: 'a stuck worker',
    meaning: 'Requests in flight, oldest first: method, target, age, and id if it is known',
  },
  {
    name: 'stack',
    type: 'array of strings',
    of: 'a stuck worker',
    meaning: 'The JavaScript that holds it up, innermost first, with the lines of your TypeScript',
  },
  { name: 'busy', type: 'integer', of: 'an aborted worker', meaning: 'Requests in flight, at its last beat' },
  {
    name: 'connections',
    type: 'integer',
    of: 'an aborted worker',
    meaning: 'Open connections, at its last beat',
  },
  {
    name: 'requests',
    type: 'array of strings',
    of: 'requests that were cut off',
    meaning: 'Method and target of each',
  },
  {
    name: 'settings',
    type: 'array of strings',
    of: 'a reload that changes settings',
    meaning: 'Their names',
  },
  { name: 'log', type: 'string', of: 'dropped lines', meaning: 'Which log: `access`, `error`, `app`' },
  { name: 'lines', type: 'integer', of: 'dropped lines', meaning: 'How many' },
  { name: 'config', type: 'string', of: 'the start', meaning: 'The config file; `none`' },
  {
    name: 'access_log',
    type: 'string',
    of: 'the start',
    meaning: 'Where it goes: a path, `stdout`, `stderr`, `none`',
  },
  { name: 'error_log', type: 'string', of: 'the start', meaning: 'The same of the error log' },
  { name: 'app_log', type: 'string', of: 'the start', meaning: 'The same of the app log' },
  { name: 'msg', type: 'string', of: 'all with a message', meaning: 'The message; the last field' },
] as const satisfies readonly RecordField[]
