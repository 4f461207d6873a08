// The settings of gunicorn 26, with what is here instead. The list in docs/migrate/from-gunicorn.md is made
// from it, and a mistake in a config or on the command line gets its hint from it.

import { absent, adapted, later, same, type GunicornSettings } from './gunicorn-row.ts'

export const processSettings = {
  'Config File': {
    config: adapted(
      '`-c FILE`, else `server.config.{ts,mts,cts,js,mjs,cjs,json,yaml}` or `package.json#tsgun`; an ' +
        'unknown setting is an error (docs/start/config.md)',
      '-c --config',
    ),
    wsgi_app: adapted(
      '`app`, or the argument of `tsgun`: `"./app.ts:export"`, `"./app.ts:factory()"` (docs/start/apps.md)',
      '',
      'app',
    ),
  },
  'Server Socket': {
    bind: same('also port 0, which the log reports', '-b --bind'),
    backlog: same('', '--backlog'),
  },
  'Worker Processes': {
    workers: same(
      'also `"auto"`, one per processor that the cgroup grants. A worker is an event loop, so one per ' +
        'processor is enough, not 2n + 1',
      '-w --workers',
    ),
    worker_class: adapted(
      'the default is `"async"`, the event loop of Node.js, because code in Node.js waits without a ' +
        'thread. `"sync"` is one request at a time, as in gunicorn. `"threads"` is several event ' +
        'loops in one process. A module path is a class of your own, built upon one of them',
      '-k --worker-class',
    ),
    threads: adapted(
      'with `worker_class: "threads"`, which is not chosen by itself. Each thread is an event loop with ' +
        'its own copy of the app, so one per CPU is enough',
      '--threads',
    ),
    worker_connections: same(
      'the limit of each worker. At its limit a worker stops accepting; the next connection goes to ' +
        'another worker or waits in the backlog',
      '--worker-connections',
    ),
    max_requests: adapted(
      'a worker is retired when its replacement serves, one worker at a time. Requests are counted ' +
        'about once a second. gunicorn ends the worker first, and any number at once',
      '--max-requests',
    ),
    max_requests_jitter: same('', '--max-requests-jitter'),
    timeout: same(
      'it watches the event loop, as with gevent and gthread. `request_timeout` limits a request, ' +
        '`boot_timeout` the boot',
      '-t --timeout',
    ),
    graceful_timeout: same('', '--graceful-timeout'),
    keepalive: same('', '--keep-alive'),
    asgi_loop: absent("there is one event loop, Node's", '--asgi-loop'),
    asgi_lifespan: adapted(
      "export `startup()` and `shutdown()` from the app's module (docs/start/apps.md); `boot_timeout` " +
        'limits `startup()`',
      '--asgi-lifespan',
    ),
    asgi_disconnect_grace_period: absent(
      'JavaScript cannot cancel a task; the app is notified at once when the connection ends ' +
        '(`req.signal`, `res.on("close")`)',
      '--asgi-disconnect-grace-period',
    ),
    http_parser: absent("the parser is Node's (llhttp)", '--http-parser'),
  },
  Security: {
    limit_request_line: adapted(
      'same default; a longer line gets a 414, not a 400 (docs/run/limits.md)',
      '--limit-request-line',
    ),
    limit_request_fields: adapted('same default; 0 means no limit', '--limit-request-fields'),
    limit_request_field_size: adapted(
      'same default; the flag is `--limit-request-field-size`',
      '--limit-request-field_size',
    ),
  },
  Debugging: {
    reload: same('also shows errors on a page; `"poll"` for disks without change notifications', '--reload'),
    reload_engine: absent('use `reload: "poll"`', '--reload-engine'),
    reload_extra_files: same('globs and directories too', '--reload-extra-file'),
    spew: absent(
      'JavaScript cannot trace each line; `NODE_OPTIONS=--cpu-prof` and `NODE_DEBUG` help',
      '--spew',
    ),
    check_config: same('the app is loaded in a child process', '--check-config'),
    print_config: same(
      'does not load the app; shows where each value comes from; `--json` prints JSON',
      '--print-config',
    ),
  },
  'Server Mechanics': {
    preload_app: adapted(
      'Node.js cannot fork, so the app is not loaded before its workers: what an exported `preload()` ' +
        'returns is shared by all of them (docs/run/preload.md). HUP runs it again, with the new code. ' +
        'The flag `--preload` names a module',
      '--preload',
      'preload',
    ),
    sendfile: absent('Node.js has no sendfile; let nginx serve files', '--no-sendfile'),
    reuse_port: later('', '--reuse-port'),
    chdir: same('', '--chdir'),
    daemon: same(
      'the command waits until the server serves, and its exit code says whether it does. Logs must ' +
        'be files or null; the config is searched in the directory of the command',
      '-D --daemon',
    ),
    raw_env: adapted('`env: { NAME: "value" }`; the flag is gunicorn\'s, `-e NAME=value`', '-e --env', 'env'),
    pidfile: same('', '-p --pid'),
    worker_tmp_dir: absent('workers send their beats over a pipe, not by a file', '--worker-tmp-dir'),
    user: same('name or id; only workers change their user', '-u --user'),
    group: same('', '-g --group'),
    umask: same('for unix sockets. The default is `0o007`, not 0: only the group may connect', '-m --umask'),
    initgroups: same('', '--initgroups'),
    tmp_upload_dir: absent('gunicorn does not use it either'),
    secure_scheme_headers: same(
      'a list in one header counts by the place of the proxy; names in any case. The scheme is ' +
        '`req.socket.encrypted`, which frameworks read',
    ),
    forwarded_allow_ips: same(
      'also for X-Forwarded-For, -Host, -Port and Forwarded, which gunicorn does not read: ' +
        '`req.socket.remoteAddress` and `%(h)s` are the client. Unix sockets are trusted as in ' +
        'gunicorn, `[]` trusts none; `"unix"` is an entry (docs/run/proxies.md)',
      '--forwarded-allow-ips',
    ),
    pythonpath: absent('`NODE_PATH`, or `paths` in tsconfig.json', '--pythonpath'),
    paste: absent('Python only', '--paste --paster'),
    proxy_protocol: adapted(
      '`"auto"` is gunicorn\'s `auto`, and accepts both versions; `"on"` also closes connections without ' +
        'the header; `--proxy-protocol` needs a value. The client of the header is the peer for ' +
        '`forwarded_allow_ips` (docs/run/proxies.md)',
      '--proxy-protocol',
    ),
    proxy_allow_ips: same(
      'unix sockets are allowed unless the list is empty. Others get no 403: with `"on"` they are closed, ' +
        'with `"auto"` their header is no valid request',
      '--proxy-allow-from',
    ),
    protocol: absent('HTTP only; nginx can speak HTTP to tsgun', '--protocol'),
    uwsgi_allow_ips: absent('no uwsgi protocol', '--uwsgi-allow-from'),
    raw_paste_global_conf: absent('Python only', '--paste-global'),
    permit_obsolete_folding: absent("Node's parser responds with 400", '--permit-obsolete-folding'),
    strip_header_spaces: absent(
      "Node's parser responds with 400, which is the safe choice",
      '--strip-header-spaces',
    ),
    permit_unconventional_http_method: absent(
      "Node's parser has a fixed list of methods; others get 400",
      '--permit-unconventional-http-method',
    ),
    permit_unconventional_http_version: absent(
      'HTTP/1.0 and HTTP/1.1',
      '--permit-unconventional-http-version',
    ),
    casefold_http_method: absent('a method in lower case gets 400', '--casefold-http-method'),
    forwarder_headers: absent(
      'there is no CGI environ: no header sets SCRIPT_NAME or PATH_INFO',
      '--forwarder-headers',
    ),
    header_map: absent(
      'Node.js keeps `-` and `_` in header names apart: `X_Forwarded_For` is a header of the app, never ' +
        'that of a proxy',
      '--header-map',
    ),
    root_path: absent('mount the app below a path with its framework', '--root-path'),
  },
} as const satisfies GunicornSettings
