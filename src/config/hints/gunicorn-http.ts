// The settings of gunicorn 26, with what is here instead. The list in docs/migrate/from-gunicorn.md is made
// from it, and a mistake in a config or on the command line gets its hint from it.

import { absent, adapted, later, same, type GunicornSettings } from './gunicorn-row.ts'

export const httpSettings = {
  Logging: {
    accesslog: same('', '--access-logfile'),
    disable_redirect_access_to_syslog: later('with `syslog`', '--disable-redirect-access-to-syslog'),
    access_log_format: same(
      'all atoms, plus `%(I)s` for the request id, `%(Q)s` for the time in the queue, and ' +
        'the names `"json"`, `"combined"`, `"common"`. ' +
        "The default is `combined`, which is gunicorn's. Control characters and quotes are escaped",
      '--access-logformat',
    ),
    errorlog: same('', '--error-logfile --log-file'),
    loglevel: adapted(
      "pino's levels: `trace`, `debug`, `info`, `warn`, `error`, `fatal`; an unknown one is an error",
      '--log-level',
    ),
    capture_output: adapted(
      'on by default, and into a separate log, `applog`, each line with its worker and time; includes ' +
        'what hooks print',
      '--capture-output',
    ),
    logger_class: absent(
      'formats, redaction and rotation are settings; use `log_format: "json"` for machines',
      '--logger-class',
    ),
    logconfig: absent('Python only', '--log-config'),
    logconfig_dict: absent('Python only'),
    logconfig_json: absent('Python only', '--log-config-json'),
    syslog_addr: later('', '--log-syslog-to'),
    syslog: later("until then send standard output and error to systemd's journal", '--log-syslog'),
    syslog_prefix: later('with `syslog`', '--log-syslog-prefix'),
    syslog_facility: later('with `syslog`', '--log-syslog-facility'),
    enable_stdio_inheritance: absent("a daemon's logs are files", '-R --enable-stdio-inheritance'),
    statsd_host: later('metrics', '--statsd-host'),
    dogstatsd_tags: later('metrics', '--dogstatsd-tags'),
    statsd_prefix: later('metrics', '--statsd-prefix'),
    enable_backlog_metric: absent(
      '`ss -ltn` shows the waiting connections of a socket as Recv-Q',
      '--enable-backlog-metric',
    ),
  },
  'Process Naming': {
    proc_name: same('', '-n --name'),
    default_proc_name: absent('internal to gunicorn'),
  },
  'Server Hooks': {
    on_starting: same('an exception refuses the start with exit code 1'),
    on_reload: same(),
    when_ready: same(
      'the sockets listen, no worker exists yet. When all workers serve, `workers_ready` is called',
    ),
    pre_fork: same(),
    post_fork: same('the first code in the worker process; an exception refuses the worker'),
    post_worker_init: same('`worker.server` is the http.Server; an exception refuses the worker'),
    worker_int: same(),
    worker_abort: adapted(
      'runs in the middle of the JavaScript that blocks the event loop, up to its first `await`, for ' +
        'at most a second; for blocking native code, or with `watchdog: false`, only if the loop turns ' +
        'again before the kill',
    ),
    pre_exec: adapted('in the old master: Node.js cannot fork'),
    pre_request: same('may be async; then the app waits for it'),
    post_request: adapted('`(worker, req, res)`: there is no environ'),
    child_exit: same('for every worker, including one that failed to boot; `worker.exit` has the reason'),
    worker_exit: same(),
    nworkers_changed: same('only when the number really changes'),
    on_exit: same(),
    ssl_context: adapted(
      'gets and returns options of `tls.createSecureContext()`; called once for each certificate, not for ' +
        'each connection',
    ),
  },
  SSL: {
    keyfile: same('read by the master; workers need no right to it. Also a list', '--keyfile'),
    certfile: same(
      'read again when it changes and at each reload, also a list for several names (docs/run/tls.md)',
      '--certfile',
    ),
    ssl_version: absent(
      'gunicorn ignores it too; `tls_min_version` sets the oldest version',
      '--ssl-version',
    ),
    cert_reqs: same('0, 1 and 2, or `"none"`, `"optional"` and `"required"`', '--cert-reqs'),
    ca_certs: same('', '--ca-certs'),
    suppress_ragged_eofs: absent('Python only', '--suppress-ragged-eofs'),
    do_handshake_on_connect: absent(
      'handshakes are always asynchronous in Node.js',
      '--do-handshake-on-connect',
    ),
    ciphers: same('', '--ciphers'),
  },
  'HTTP/2': {
    http_protocols: adapted('a list of `"h2"` and `"h1"`; there is no `"h3"`', '--http-protocols'),
    http2_cleartext: adapted(
      'with `"h2"` in `http_protocols` clients with prior knowledge are served on sockets without TLS',
      '--http2-cleartext',
      'http_protocols',
    ),
    http2_max_concurrent_streams: same('', '--http2-max-concurrent-streams'),
    http2_initial_window_size: same('', '--http2-initial-window-size'),
    http2_max_frame_size: same('', '--http2-max-frame-size'),
    http2_max_header_list_size: same('', '--http2-max-header-list-size'),
  },
  'Dirty Arbiters': {
    dirty_apps: absent('`tasks`: a module for each, with `defineTask` (docs/run/tasks.md)', '--dirty-app'),
    dirty_workers: absent('`processes` of each of the `tasks`', '--dirty-workers'),
    dirty_timeout: absent('`timeout` of each of the `tasks`', '--dirty-timeout'),
    dirty_threads: absent(
      'a process of `tasks` runs one task, or one batch, at a time: see `processes`',
      '--dirty-threads',
    ),
    dirty_graceful_timeout: absent(
      '`graceful_timeout` is for the processes of `tasks` too',
      '--dirty-graceful-timeout',
    ),
  },
  'Dirty Arbiter Hooks': {
    on_dirty_starting: absent('`on_starting`: the processes of `tasks` are started after it'),
    dirty_post_fork: absent('`post_fork`, with the name of the task in `worker.task`'),
    dirty_worker_init: absent('`load` of the task'),
    dirty_worker_exit: absent(
      '`worker_exit`, with the name of the task in `worker.task`, or `unload` of the task',
    ),
  },
  Control: {
    control_socket: adapted(
      'off unless set; HTTP with JSON, and `tsgunctl` instead of `gunicornc` (docs/run/control.md)',
      '--control-socket',
    ),
    control_socket_mode: same('', '--control-socket-mode'),
    control_socket_disable: absent('the socket is off unless `control_socket` is set', '--no-control-socket'),
  },
} as const satisfies GunicornSettings
