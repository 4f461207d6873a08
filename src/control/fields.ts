// What each field of an answer means: docs/control.md is made of it, and a test holds the answers to it.
// Pure.

export interface AnswerField {
  readonly type: string
  readonly meaning: string
}

type Fields = Readonly<Record<string, AnswerField>>

export const statusFields: Fields = {
  version: { type: 'text', meaning: 'Of tsgun.' },
  pid: { type: 'number', meaning: 'The process id of the master.' },
  state: { type: 'text', meaning: '`starting`, `serving`, `reloading`, `upgrading` or `stopping`.' },
  uptime_seconds: {
    type: 'number',
    meaning: 'Since the master opened the control socket, just before its first workers started.',
  },
  config: { type: 'text or null', meaning: 'The config file in use.' },
  listeners: {
    type: 'list of texts',
    meaning: 'The addresses that it listens at, such as `http://127.0.0.1:8000`.',
  },
  generation: { type: 'number', meaning: '1 at the start, more with each reload that is tried.' },
  'workers.wanted': { type: 'number', meaning: 'How many workers there should be.' },
  'workers.ready': { type: 'number', meaning: 'How many slots have a worker that serves.' },
  'requests.answered': {
    type: 'number',
    meaning:
      'Since the start, by all workers, also those that are gone, as far as they had told: once a second.',
  },
  'requests.busy': { type: 'number', meaning: 'In progress in the workers that live.' },
  'requests.overdue': {
    type: 'number',
    meaning: 'That outlived `request_timeout`, because the app has not ended them.',
  },
  connections: { type: 'number', meaning: 'Open ones, of all workers that live.' },
  'last_reload.attempt': {
    type: 'number',
    meaning: 'Which reload since the start it was. `last_reload` is null before the first one has ended.',
  },
  'last_reload.ok': { type: 'boolean', meaning: 'Whether its generation serves.' },
  'last_reload.reason': { type: 'text or null', meaning: 'Why it failed.' },
  'last_reload.at': { type: 'text', meaning: 'When it ended, in ISO 8601.' },
  'slots[].nr': { type: 'number', meaning: 'From 0.' },
  'slots[].state': { type: 'text', meaning: '`ready`, `starting` or `crash-loop`.' },
  'slots[].failures': {
    type: 'number',
    meaning: 'Workers in a row that failed before they were ready, or soon after.',
  },
  'slots[].last_error': { type: 'text or null', meaning: 'Why the last of them failed, in one line.' },
  'logs.access.name': {
    type: 'text',
    meaning: 'The file, `stdout`, `stderr` or `none`; `logs.error` and `logs.app` have the same fields.',
  },
  'logs.access.written': { type: 'number', meaning: 'Bytes since it was opened.' },
  'logs.access.waiting': { type: 'number', meaning: 'Bytes that the disk does not take at this moment.' },
  'logs.access.dropped': { type: 'number', meaning: 'Lines that were lost, because too much waited.' },
  'logs.access.rotations': { type: 'number', meaning: 'How often it was rotated since the start.' },
}

export const workerFields: Fields = {
  nr: { type: 'number', meaning: 'The slot, from 0; a replacement has the same.' },
  age: {
    type: 'number',
    meaning: 'How many workers had been started, with this one: the oldest has the lowest.',
  },
  generation: { type: 'number', meaning: 'Which config and code it runs.' },
  pid: { type: 'number or null', meaning: 'Null for one that is about to start.' },
  state: { type: 'text', meaning: '`spawned`, `booting`, `ready`, `draining`, `aborting` or `killed`.' },
  reason: {
    type: 'text or null',
    meaning: 'Why it is about to end: `reload`, `scale`, `max_requests` and so on.',
  },
  age_seconds: { type: 'number', meaning: 'Since it was started.' },
  uptime_seconds: { type: 'number or null', meaning: 'Since it was ready; null before.' },
  beat_seconds: {
    type: 'number',
    meaning: 'Since its event loop was last seen to turn; more than a few are a bad sign.',
  },
  requests: { type: 'number', meaning: 'Answered, at its last beat, as all that follows.' },
  busy: { type: 'number', meaning: 'Requests in progress.' },
  connections: { type: 'number', meaning: 'Open connections.' },
  overdue: { type: 'number', meaning: 'Requests that outlived `request_timeout`.' },
  rss: { type: 'number', meaning: 'Bytes of memory; 0 before the first beat.' },
}
