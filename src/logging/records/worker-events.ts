// The names of what a worker itself reports in the error log, for machines, with what they mean. Names
// stay; new ones may be added. For docs/reference/log-fields.md.

export const workerEvents = {
  request_failed: 'The app has failed to respond to a request',
  request_late: 'A request has taken longer than `request_timeout`',
  requests_late: 'More such requests within a second',
  request_refused: 'A request is not valid or exceeds a limit (level `debug`)',
  requests_refused: 'More such requests within a second',
  error_response: 'The app has sent a 5xx, and no error has reached the server',
  error_responses: 'More such responses within a second',
  app_failed: 'An error of the app outside of a request',
  uncaught_error: 'An uncaught exception or unhandled rejection ends it',
  uncaught_error_handled: "The same is left to the app's own handler, and the worker goes on",
  process_exit: 'The app has called process.exit() with requests in flight',
  hook_failed: 'A hook of the worker has failed',
  handshake_failed: 'The TLS handshake of a client has failed (level `debug`)',
  handshakes_failed: 'More of them within a second',
  proxy_refused: 'A connection without a valid PROXY protocol header was closed',
  proxies_refused: 'More such connections within a minute',
  client_refused: 'A connection over `max_connections_per_ip` was closed',
  clients_refused: 'More such connections within a minute',
  upgrade_refused: 'A WebSocket or other upgrade was refused, because of `worker_class: "sync"`',
  upgrades_refused: 'More such upgrades within a minute',
  bus_handler_failed: 'A handler of the bus has failed on a message',
  bus_unreachable: 'What carries the messages of the bus, Redis or NATS, cannot be reached',
  bus_reachable: 'It can be reached again',
  bus_dropped: 'Messages of the bus were dropped in this process',
  worker_full: 'It has `worker_connections` connections and accepts no more',
  worker_short: 'It accepts no more connections for lack of descriptors',
} as const

export type WorkerEvent = keyof typeof workerEvents
