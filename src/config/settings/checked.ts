// The checked value of every setting. Types only.
// Made by `npm run docs` from the rows of table.ts: edit those.

/** A certificate that the server gets by itself. */
export interface Acme {
  /**
   * The names of the certificate, such as `["shop.example", "www.shop.example"]`.
   *
   * - value: a host name, or a list of them
   */
  readonly domains: readonly string[]
  /**
   * Where the authority writes to when something is wrong with a certificate.
   *
   * - value: an e-mail address or null
   * - default: `null`
   */
  readonly email: string | null
  /**
   * The authority: `"letsencrypt"`, `"letsencrypt-staging"` for tests, or the URL of its ACME directory.
   *
   * - value: "letsencrypt", "letsencrypt-staging" or the URL of a directory
   * - default: `"letsencrypt"`
   */
  readonly directory: string
  /**
   * The directory for the keys and certificates, which has to outlive releases. The path starts at
   * `chdir`.
   *
   * - value: the path of a directory
   * - default: `"acme"`
   */
  readonly storage: string
  /**
   * How the server shows that it has the names: over port 80 (`"http-01"`) or 443 (`"tls-alpn-01"`).
   * null: TLS-ALPN-01, or HTTP-01 where the authority does not offer that.
   *
   * - value: "http-01", "tls-alpn-01" or null
   * - default: `null`
   */
  readonly challenge: 'http-01' | 'tls-alpn-01' | null
  /**
   * The authority, in PEM, of the certificate that the server of a private directory has itself. null:
   * those that Node.js knows.
   *
   * - value: a file path or null
   * - default: `null`
   */
  readonly directory_ca: string | null
  /**
   * A file in JSON, `{ "kid": "…", "hmac_key": "…" }`: the account that an authority such as ZeroSSL has
   * given you (external account binding).
   *
   * - value: a file path or null
   * - default: `null`
   */
  readonly external_account: string | null
}

/** Processes that compute beside the requests. */
export interface TaskPool {
  /**
   * The module whose default export is made by `defineTask()`. The path starts at `chdir`; TypeScript
   * needs no build.
   *
   * - value: the path of a module
   */
  readonly module: string
  /**
   * How many processes compute. `"auto"` starts one per CPU, as for `workers`.
   *
   * - value: a whole number from 1 to 1024, or "auto"
   * - default: `1`
   */
  readonly processes: number | 'auto'
  /**
   * How many tasks of each priority may wait. One more is refused at once, with the error
   * `TASK_QUEUE_FULL` (503). The kernel keeps the queue, and caps it at `net.core.somaxconn`.
   *
   * - value: a whole number from 1 to 65535
   * - default: `64`
   */
  readonly max_queue: number
  /**
   * How long a task may run. Then its process is ended, with a report of where it was, and replaced; the
   * caller gets the error `TASK_TIMEOUT` (504). 0 means no limit.
   *
   * - value: seconds, 0 or more
   * - default: `60`
   */
  readonly timeout: number
  /**
   * Replace a process that has run this many tasks, as `max_requests` does. 0 means no limit.
   *
   * - value: a whole number, 0 or more
   * - default: `0`
   */
  readonly max_tasks: number
  /**
   * Replace a process whose memory (RSS) reaches this size. null means no limit.
   *
   * - value: a size such as "2G", or null; a number is in bytes
   * - default: `null`
   */
  readonly max_memory: number | null
  /**
   * How often a task is tried whose process dies while it runs. From the second time on it runs in a
   * batch of its own, so that the input that kills a process fails alone.
   *
   * - value: a whole number from 1 to 10
   * - default: `1`
   */
  readonly attempts: number
}

/** A lock over several machines. */
export interface ServiceLock {
  /**
   * Where the lock is: `redis://` or, with TLS, `rediss://`. It is not shown in logs.
   *
   * - value: a URL such as "redis://host:6379"
   */
  readonly url: string
  /**
   * The name of the lock. Two deployments with one Redis need two. Default: "tsgun:" and the name.
   *
   * - value: text
   */
  readonly key?: string | undefined
  /**
   * How long it is held when the process that has it cannot renew it any more.
   *
   * - value: seconds from 3 to 3600
   * - default: `15`
   */
  readonly time: number
}

/** When a foreign program is ready. */
export interface ServiceReady {
  /**
   * It is ready when this TCP port accepts a connection. A port alone is one of 127.0.0.1.
   *
   * - value: a port, or "host:port"
   */
  readonly port?: string | number | undefined
  /**
   * It is ready when this file exists, for example its unix socket. The path starts at `chdir`.
   *
   * - value: the path of a file
   */
  readonly file?: string | undefined
  /**
   * It is ready when a line of its output contains this text.
   *
   * - value: text
   */
  readonly line?: string | undefined
  /**
   * It is ready when it sends `READY=1`, as sd_notify(3) does: it gets NOTIFY_SOCKET.
   *
   * - value: true
   */
  readonly notify?: true | undefined
}

/** When log files are rotated, and which are kept. */
export interface LogRotation {
  /**
   * Rotate the file when it reaches this size, such as `"100M"`. null: any size.
   *
   * - value: a size such as "100M", or null; a number is in bytes
   * - default: `null`
   */
  readonly size: number | null
  /**
   * Rotate the file at the end of each interval, such as `"1d"`, `"6h"` or `"15m"`. null: never.
   *
   * - value: an interval such as "1d" or "6h", or null
   * - default: `null`
   */
  readonly interval: string | null
  /**
   * How many rotated files are kept. null: all.
   *
   * - value: a whole number of files, 0 or more, or null
   * - default: `null`
   */
  readonly keep: number | null
  /**
   * How large all rotated files of a log may be together; the oldest are removed. null: any size.
   *
   * - value: a size such as "1G", or null; a number is in bytes
   * - default: `null`
   */
  readonly total_size: number | null
  /**
   * Whether rotated files are compressed with gzip.
   *
   * - value: true, false or "gzip"
   * - default: `false`
   */
  readonly compress: boolean
  /**
   * Whether intervals and names of files use UTC instead of local time.
   *
   * - value: true or false
   * - default: `false`
   */
  readonly utc: boolean
}

/** A log with a rotation of its own. */
export interface LogDestination {
  /**
   * The file of this log.
   *
   * - value: a file path or "-"
   */
  readonly path: string
  /**
   * The rotation of this file, instead of `log_rotation`. null: the server does not rotate it.
   *
   * - value: null or { size, interval, keep, total_size, compress, utc }
   */
  readonly rotation: LogRotation | null
}

/** What runs beside the app. */
export interface Service {
  /**
   * Instead of `app`: a module whose `start({ signal, log })` runs, without an address. Its promise
   * settles after `signal`. TypeScript needs no build.
   *
   * - value: the path of a module
   */
  readonly run?: string | undefined
  /**
   * Instead of `app`: another program, such as `["python3", "feed.py"]`. Text is split as a shell splits
   * it; no shell runs.
   *
   * - value: a program with its arguments, as a list or as text
   */
  readonly command?: string | readonly string[] | undefined
  /**
   * With `run` or `command`: how many processes run.
   *
   * - value: a whole number from 1 to 64
   * - default: `1`
   */
  readonly instances: number
  /**
   * With `run` or `command`: whether an instance ends before the one that replaces it starts, so that no
   * two run at once, or after it.
   *
   * - value: "stop-first" or "start-first"
   * - default: `"stop-first"`
   */
  readonly handover: 'stop-first' | 'start-first'
  /**
   * With `run`: a lock in Redis, so that over several machines only one process of an instance runs.
   * Needs the package redis. See docs/run/services.md.
   *
   * - value: a URL such as "redis://host:6379", or { url, key, time }
   */
  readonly lock?: string | ServiceLock | undefined
  /**
   * With `command`: when it is ready. Without it: as soon as it is started.
   *
   * - value: { port }, { file }, { line } or { notify: true }
   */
  readonly ready?: ServiceReady | undefined
  /**
   * With `command`: the signal that asks it to end. After `graceful_timeout` comes SIGKILL.
   *
   * - value: "SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL"
   * - default: `"SIGTERM"`
   */
  readonly stop_signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGKILL'
  /**
   * The services that it needs: they are ready before it starts, and end after it. "web" is the app of
   * the server.
   *
   * - value: a list of names of services
   * - default: `[]`
   */
  readonly after: readonly string[]
  /**
   * Whether each reload replaces its processes, or only one that changes its settings, its environment
   * or its code. See docs/run/services.md.
   *
   * - value: "always" or "changed"
   * - default: `"always"`
   */
  readonly reload: 'always' | 'changed'
  /**
   * Whether the server ends, with exit code 5, when this service cannot be kept alive.
   *
   * - value: true or false
   * - default: `false`
   */
  readonly critical: boolean
  /**
   * The app to serve: `"module:export"`, `"module:factory()"`, or a program that listens. Without an
   * export it is the server that listens, else the default export, then the first of `app`, `handler`,
   * `listener` and `server`. Paths start at `chdir`. On the command line the app is the argument:
   * `tsgun ./app.ts:app`.
   *
   * - value: "module", "module:export" or "module:factory()"
   */
  readonly app?: string | null | undefined
  /**
   * Address to listen on. Port 0 uses a free port, which the log reports. The master binds the addresses
   * and the workers inherit the sockets. A reload opens new addresses, closes removed ones and leaves
   * the others open. When systemd passes sockets (`LISTEN_FDS`), all of them are served unless `bind`
   * selects some of them by address, by number (`fd://3`) or by name (`fd://web`). `{nr}` in the path of
   * a unix socket is one socket for each worker, by the number of its slot from 0 on:
   * `unix:/run/app.{nr}.sock`, for a proxy that chooses the worker. With `https://` before it an address
   * speaks TLS, with `http://` it does not, and without either it does if there is `certfile` or `acme`;
   * ports are then 443 and 80 unless they are given.
   *
   * - value: "host:port", "host", ":port", "[v6]:port", "unix:/path", "fd://n" or "fd://name", each also
   *   with "https://" before it ("https+unix:", "https+fd:"), or a list of them
   */
  readonly bind?: string | readonly string[] | undefined
  /**
   * Number of worker processes. `"auto"` starts one per CPU that this process may use, within the CPU
   * quota of its cgroup.
   *
   * - value: a whole number from 1 to 1024, or "auto"
   */
  readonly workers?: number | 'auto' | undefined
  /**
   * How a worker serves requests. `"async"` is the Node.js event loop: many concurrent requests per
   * worker. `"sync"` is one request at a time, for code that cannot work on two: a busy worker accepts
   * nothing, each response ends its connection, and WebSockets are refused. `"threads"` is several event
   * loops in one process (`threads`), each with its own copy of the app
   * (docs/understand/worker-classes.md). Any other value is the module of a class of your own, as
   * `"module"` or `"module:export"`, from `chdir` (docs/run/own-worker-class.md).
   *
   * - value: "async", "sync", "threads" or the path of a module
   */
  readonly worker_class?: 'async' | 'sync' | 'threads' | (string & {}) | undefined
  /**
   * Number of threads of each worker that serve the app, with `worker_class: "threads"` only. `"auto"`:
   * the CPUs that this process may use, divided by the number of workers. `worker_connections` is
   * divided among them.
   *
   * - value: a whole number from 1 to 64, or "auto"
   */
  readonly threads?: number | 'auto' | undefined
  /**
   * Maximum number of open connections per worker. A worker at this limit stops accepting; the next
   * connection goes to another worker or waits in the backlog.
   *
   * - value: a whole number of 1 or more
   */
  readonly worker_connections?: number | undefined
  /**
   * How long an idle connection stays open for its next request. 0 closes it after each response. Behind
   * a proxy or load balancer that keeps connections open, set it above the proxy's idle timeout.
   *
   * - value: seconds, 0 or more
   */
  readonly keepalive?: number | undefined
  /**
   * Path requested inside each new worker before it accepts connections. Not logged or counted. The
   * request has `Host: localhost` and is repeated until the app responds with 2xx, for 10 seconds or
   * until `boot_timeout`; after that the worker fails to boot, and a reload fails with it. Example:
   * `"/healthz"`.
   *
   * - value: a path that begins with "/", or null
   */
  readonly health_check?: string | null | undefined
  /**
   * Environment variables for the workers, added to those of the master. They win over `env_file` and
   * over the environment of the master. `PORT` and `WEB_CONCURRENCY` also set the defaults of `bind` and
   * `workers`.
   *
   * - value: an object of strings
   */
  readonly env?: Readonly<Record<string, string>> | undefined
  /**
   * User that workers run as. The master must run as root, and keeps running as root. Unix sockets are
   * owned by this user.
   *
   * - value: a user name or id, or null
   */
  readonly user?: string | number | null | undefined
  /**
   * Group that workers run as. The default is the primary group of the user.
   *
   * - value: a group name or id, or null
   */
  readonly group?: string | number | null | undefined
  /**
   * Whether workers get the supplementary groups of `user`. If false, they have no groups except
   * `group`.
   *
   * - value: true or false
   */
  readonly initgroups?: boolean | undefined
  /**
   * Flags of Node.js for the workers, such as `["--max-old-space-size=2048"]`, after those that the
   * master was started with. Text is split as a shell splits it. Relative paths in them start at
   * `chdir`. Flags that Node.js refuses, or that cannot work in a worker, end the start with the reason.
   *
   * - value: flags of Node.js, as a list or as text
   */
  readonly node_args?: string | readonly string[] | undefined
  /**
   * Modules that each worker loads before the config and the app, one after another, such as
   * `["./otel.ts"]` for telemetry: paths from `chdir`, TypeScript too, or names of packages. Loader
   * hooks that they register are in place when the app is loaded (docs/start/apps.md).
   *
   * - value: a module path or a list of them
   */
  readonly import?: string | readonly string[] | undefined
  /**
   * Abort and replace a worker whose event loop is blocked for this long. It does not limit requests
   * that wait, see `request_timeout`. 0 disables it.
   *
   * - value: seconds, 0 or more
   */
  readonly timeout?: number | undefined
  /**
   * Maximum time from the start of a worker until it is ready, including loading the app, `startup()`
   * and hooks. 0 disables it.
   *
   * - value: seconds, 0 or more
   */
  readonly boot_timeout?: number | undefined
  /**
   * Maximum time for a request, from its headers to the end of its response. After that the client
   * receives a 503, or the connection is closed if the response has started, and `req.signal` is
   * aborted. 0 disables it.
   *
   * - value: seconds, 0 or more
   */
  readonly request_timeout?: number | undefined
  /**
   * Whether each worker has a watchdog thread that reports where a stuck worker hangs. The report has
   * the stack, the requests in flight and the memory (docs/understand/stuck-workers.md). The thread
   * costs about 10 MB of memory per worker. Without it a stuck worker is still killed and replaced, but
   * the log does not say why, and `worker_abort` runs only if the event loop turns again.
   *
   * - value: true or false
   */
  readonly watchdog?: boolean | undefined
  /**
   * How long a stopping worker may take to finish its requests. Connections that are still open after
   * that are closed.
   *
   * - value: seconds, 0 or more
   */
  readonly graceful_timeout?: number | undefined
  /**
   * How long an async hook may take before the server stops waiting for it.
   *
   * - value: seconds, more than 0
   */
  readonly hook_timeout?: number | undefined
  /**
   * Replace a worker that has served this many requests. Workers are replaced one at a time, and the new
   * worker is ready before the old one stops. Requests are counted about once a second, so a worker
   * serves a few more. 0 means no limit.
   *
   * - value: a whole number, 0 or more
   */
  readonly max_requests?: number | undefined
  /**
   * Random extra per worker, so that workers are not all replaced at the same time. Up to this many
   * requests are added to `max_requests`.
   *
   * - value: a whole number, 0 or more
   */
  readonly max_requests_jitter?: number | undefined
  /**
   * Replace a worker whose memory (RSS) reaches this size. Workers are replaced one at a time, and the
   * new worker is ready before the old one stops. A percentage refers to the memory limit of the cgroup,
   * or to the memory of the machine without such a limit. The limit applies to each worker, so leave
   * room for all workers, the master and one more worker during a replacement. null means no limit.
   *
   * - value: a size of 16M or more such as "512M", a percentage such as "20%", or null; a number is in
   *   bytes
   */
  readonly max_memory?: string | number | null | undefined
  /**
   * Random extra per worker, so that workers are not all replaced at the same time. Up to this size is
   * added to `max_memory`. A percentage refers to the same total as that of `max_memory`.
   *
   * - value: a size such as "32M", or a percentage such as "2%"; a number is in bytes
   */
  readonly max_memory_jitter?: string | number | undefined
  /**
   * Maximum number of connections of the whole server; further ones wait in the queue of the socket
   * (`backlog`). It is divided among `workers`, and each accepts at most `worker_connections`. Workers
   * that drain count apart. 0 means no limit but `worker_connections`.
   *
   * - value: a whole number, 0 or more
   */
  readonly max_connections?: number | undefined
  /**
   * Maximum number of connections of one address with all workers together; further ones are closed.
   * Trusted proxies (`forwarded_allow_ips`) and unix sockets are not limited. 0 means no limit.
   *
   * - value: a whole number, 0 or more
   */
  readonly max_connections_per_ip?: number | undefined
  /**
   * Maximum size of the request line: method, target and version. A longer one gets a 414. 0 leaves only
   * the limit of the whole head (docs/run/limits.md).
   *
   * - value: a size up to 1M such as 4094 or "8K"
   */
  readonly limit_request_line?: number | undefined
  /**
   * Maximum number of header fields. A request with more gets a 431. 0 means no limit.
   *
   * - value: a whole number, 0 or more
   */
  readonly limit_request_fields?: number | undefined
  /**
   * Maximum size of a header field, with its name and the end of its line. A request with a larger one
   * gets a 431. 0 leaves only the limit of the whole head (docs/run/limits.md).
   *
   * - value: a size up to 1M such as 8190 or "16K"
   */
  readonly limit_request_field_size?: number | undefined
  /**
   * Maximum size of a request body. A larger one gets a 413: before the app gets the request if
   * Content-Length says so, else while the body arrives. 0 means no limit.
   *
   * - value: a size such as "10M"; a number is in bytes
   */
  readonly limit_request_body?: number | undefined
  /**
   * Maximum time for a client to send the head of a request. After that it gets a 408; a new connection
   * without a byte is closed. 0 means no limit.
   *
   * - value: seconds, 0 or more
   */
  readonly header_timeout?: number | undefined
  /**
   * Maximum time in which no byte of a body moves. A client that stops sending a request body gets a
   * 408, and the connection of one that stops reading a response is closed. An upload or a download that
   * goes on may take as long as it needs. 0 means no limit.
   *
   * - value: seconds, 0 or more
   */
  readonly body_timeout?: number | undefined
  /**
   * Addresses of proxies whose headers say which client a request comes from: X-Forwarded-For, -Proto,
   * -Host, -Port and Forwarded (docs/run/proxies.md). The client is the last address in X-Forwarded-For
   * that is not in this list. Entries are addresses, ranges (`"10.0.0.0/8"`), `"unix"`, or `"*"` for
   * any. Connections over a unix socket are always trusted, as in gunicorn, unless the list is empty:
   * `[]` trusts no proxy.
   *
   * - value: addresses such as "10.0.0.1", ranges such as "10.0.0.0/8", "unix" or "*"
   */
  readonly forwarded_allow_ips?: readonly string[] | undefined
  /**
   * Headers in which a trusted proxy says that the client used https, each with the value that says so;
   * any other value means http. Two that disagree are refused with 400. `{}` reads none.
   *
   * - value: header names with the value that means https
   */
  readonly secure_scheme_headers?: Readonly<Record<string, string>> | undefined
  /**
   * Which headers of a trusted proxy are read, besides `secure_scheme_headers`. Leave out those that
   * your proxy neither sets nor removes: it passes them on as the client has sent them.
   *
   * - value: a list of "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded"
   */
  readonly forwarded_headers?:
    readonly ('X-Forwarded-For' | 'X-Forwarded-Host' | 'X-Forwarded-Port' | 'Forwarded')[] | undefined
  /**
   * What happens to the same headers of all other clients. tsgun never reads them. `"keep"` leaves them
   * to the app, which may have a trust setting of its own; `"remove"` hides them from the app.
   *
   * - value: "keep" or "remove"
   */
  readonly untrusted_forwarded_headers?: 'keep' | 'remove' | undefined
  /**
   * Whether a proxy says with the PROXY protocol, version 1 or 2, which client a connection comes from.
   * `"on"`: each connection has to begin with it, others are closed. `"auto"`: those in
   * `proxy_allow_ips` may begin with it. The client becomes the peer of the connection
   * (docs/run/proxies.md).
   *
   * - value: "off", "on" or "auto"
   */
  readonly proxy_protocol?: 'on' | 'off' | 'auto' | undefined
  /**
   * Addresses of proxies that may use the PROXY protocol, in the form of `forwarded_allow_ips`. Unix
   * sockets may use it unless the list is empty. With `proxy_protocol: "on"` all others are closed.
   *
   * - value: addresses such as "10.0.0.1", ranges such as "10.0.0.0/8", "unix" or "*"
   */
  readonly proxy_allow_ips?: readonly string[] | undefined
  /**
   * Versions of HTTP: `["h2", "h1"]` adds HTTP/2. With TLS a client chooses in the handshake (ALPN), the
   * first one of the list is preferred; without TLS it has to know that the server speaks HTTP/2, as a
   * proxy does (docs/run/http2.md).
   *
   * - value: a list of "h1" and "h2"
   */
  readonly http_protocols?: readonly ('h1' | 'h2')[] | undefined
  /**
   * Maximum number of requests at a time on one connection of HTTP/2.
   *
   * - value: a whole number, 1 or more
   */
  readonly http2_max_concurrent_streams?: number | undefined
  /**
   * Bytes of a request body that a client of HTTP/2 may send before the app has read any.
   *
   * - value: a size such as 65535 or "1M"
   */
  readonly http2_initial_window_size?: number | undefined
  /**
   * Largest frame that a client of HTTP/2 may send.
   *
   * - value: a size from 16384 to 16777215
   */
  readonly http2_max_frame_size?: number | undefined
  /**
   * Maximum size of all header fields of a request of HTTP/2. Clients learn it from SETTINGS, and a
   * request with more is refused.
   *
   * - value: a size such as "64K"
   */
  readonly http2_max_header_list_size?: number | undefined
  /**
   * File for the access log, one line per request. `"-"` is standard output, null disables the log;
   * `/dev/stdout`, `/dev/stderr`, `/dev/null`, links to them and a FIFO work.
   *
   * - value: a file path, "-", null or { path, rotation }
   */
  readonly accesslog?: string | LogDestination | null | undefined
  /**
   * File for the error log, the messages of the master and the workers. `"-"` is standard error, null
   * disables the log.
   *
   * - value: a file path, "-", null or { path, rotation }
   */
  readonly errorlog?: string | LogDestination | null | undefined
  /**
   * File for the app log, the output of the app (`capture_output`). `"-"` is standard output, null
   * disables the log.
   *
   * - value: a file path, "-", null or { path, rotation }
   */
  readonly applog?: string | LogDestination | null | undefined
  /**
   * Minimum level of the records in the error log. It is also the initial level of the app's logger
   * (`import { log } from 'tsgun'`).
   *
   * - value: "trace", "debug", "info", "warn", "error" or "fatal"
   */
  readonly loglevel?: 'error' | 'trace' | 'debug' | 'info' | 'warn' | 'fatal' | undefined
  /**
   * Format of the error log and the app log: `"text"`, or `"json"` with one object per line.
   *
   * - value: "text" or "json"
   */
  readonly log_format?: 'text' | 'json' | undefined
  /**
   * Format of the access log: `"json"`, `"combined"`, `"common"`, or a format string with atoms such as
   * `%(h)s` (docs/reference/log-fields.md).
   *
   * - value: "json", "combined", "common" or a format string with the atoms of gunicorn
   */
  readonly access_log_format?: string | undefined
  /**
   * Whether the output of workers and their child processes goes to the app log, each line with its
   * worker and time. This includes console.*, libraries and native code, and console.* of hooks in the
   * master. If false, the output goes unchanged to standard output and standard error of the master.
   *
   * - value: true or false
   */
  readonly capture_output?: boolean | undefined
}

/** What runs at certain times. */
export interface Schedule {
  /**
   * When it runs: minute, hour, day of the month, month and day of the week; with six fields the first
   * one is the second.
   *
   * - value: a cron expression such as "0 3 * * *" or "@hourly"
   */
  readonly cron: string
  /**
   * The time zone of `cron`. null: that of the master (TZ).
   *
   * - value: the name of a time zone such as "Europe/Berlin", or null
   * - default: `null`
   */
  readonly timezone: string | null
  /**
   * The module whose exported `run({ signal, log, time })` runs, in a process of its own. The path
   * starts at `chdir`; TypeScript needs no build.
   *
   * - value: the path of a module
   */
  readonly run: string
  /**
   * What happens at a time at which the run before still runs: the new one is left out, waits, or takes
   * its place. There are never two at once.
   *
   * - value: "skip", "queue" or "kill"
   * - default: `"skip"`
   */
  readonly overlap: 'skip' | 'queue' | 'kill'
  /**
   * What happens after times at which no run could start, because the server was down or the machine
   * slept: nothing but a record in the log, or one run that makes them good.
   *
   * - value: "skip" or "once"
   * - default: `"skip"`
   */
  readonly missed: 'skip' | 'once'
  /**
   * How long a run may take. Then it is ended, as at a stop of the server. 0 means no limit.
   *
   * - value: seconds, 0 or more
   * - default: `0`
   */
  readonly timeout: number
  /**
   * Variables of its process, added to those of the server.
   *
   * - value: an object of strings
   */
  readonly env?: Readonly<Record<string, string>> | undefined
  /**
   * Flags of Node.js, instead of those of the server.
   *
   * - value: flags of Node.js, as a list or as text
   */
  readonly node_args?: string | readonly string[] | undefined
  /**
   * Instead of that of the server.
   *
   * - value: seconds, 0 or more
   */
  readonly boot_timeout?: number | undefined
  /**
   * Instead of that of the server.
   *
   * - value: seconds, 0 or more
   */
  readonly graceful_timeout?: number | undefined
  /**
   * Instead of that of the server.
   *
   * - value: a user name or id, or null
   */
  readonly user?: string | number | null | undefined
  /**
   * Instead of that of the server.
   *
   * - value: a group name or id, or null
   */
  readonly group?: string | number | null | undefined
  /**
   * Instead of that of the server.
   *
   * - value: true or false
   */
  readonly initgroups?: boolean | undefined
  /**
   * Instead of that of the server.
   *
   * - value: a file path, "-", null or { path, rotation }
   */
  readonly errorlog?: string | LogDestination | null | undefined
  /**
   * Instead of that of the server.
   *
   * - value: a file path, "-", null or { path, rotation }
   */
  readonly applog?: string | LogDestination | null | undefined
  /**
   * Instead of that of the server.
   *
   * - value: "trace", "debug", "info", "warn", "error" or "fatal"
   */
  readonly loglevel?: 'error' | 'trace' | 'debug' | 'info' | 'warn' | 'fatal' | undefined
}

/** Fields to hide in records. */
export interface LogRedaction {
  /**
   * The fields to hide, such as `["password", "*.token"]`.
   *
   * - value: a list of paths in the syntax of pino
   */
  readonly paths: readonly string[]
  /**
   * What replaces their values.
   *
   * - value: text
   * - default: `"[Redacted]"`
   */
  readonly censor?: string | undefined
  /**
   * Whether the fields are removed instead.
   *
   * - value: true or false
   * - default: `false`
   */
  readonly remove?: boolean | undefined
}

/** The checked value of every setting. */
export interface Settings {
  /**
   * The app to serve: `"module:export"`, `"module:factory()"`, or a program that listens. Without an
   * export it is the server that listens, else the default export, then the first of `app`, `handler`,
   * `listener` and `server`. Paths start at `chdir`. On the command line the app is the argument:
   * `tsgun ./app.ts:app`.
   *
   * - value: "module", "module:export" or "module:factory()"
   * - default: `null`
   */
  readonly app: string | null
  /**
   * Working directory of the app. `app` and `hooks` are resolved from it, and symlinks in it are
   * followed again at each reload. The master changes to it once, at the start; relative paths of its
   * own files and sockets start there (docs/understand/reload.md).
   *
   * - value: a directory that exists
   * - default: `"."`
   * - command line: `--chdir <directory>`
   */
  readonly chdir: string
  /**
   * Environment variables for the workers, added to those of the master. They win over `env_file` and
   * over the environment of the master. `PORT` and `WEB_CONCURRENCY` also set the defaults of `bind` and
   * `workers`.
   *
   * - value: an object of strings
   * - default: `{}`
   * - command line: `-e, --env <name=value>`, may be repeated
   */
  readonly env: Readonly<Record<string, string>>
  /**
   * Files with environment variables for the workers, one `NAME=value` in a line, as `node --env-file`
   * reads them. Of several files the later one wins. A variable that is set in the environment of the
   * master, or in `env`, keeps that value. The files are read again at each reload; paths start at
   * `chdir` (docs/start/config.md).
   *
   * - value: a file path or a list of them
   * - default: `[]`
   * - command line: `--env-file <path>`, may be repeated
   */
  readonly env_file: string | readonly string[]
  /**
   * Flags of Node.js for the workers, such as `["--max-old-space-size=2048"]`, after those that the
   * master was started with. Text is split as a shell splits it. Relative paths in them start at
   * `chdir`. Flags that Node.js refuses, or that cannot work in a worker, end the start with the reason.
   *
   * - value: flags of Node.js, as a list or as text
   * - default: `[]`
   * - command line: `--node-args <flags>`
   */
  readonly node_args: string | readonly string[]
  /**
   * Modules that each worker loads before the config and the app, one after another, such as
   * `["./otel.ts"]` for telemetry: paths from `chdir`, TypeScript too, or names of packages. Loader
   * hooks that they register are in place when the app is loaded (docs/start/apps.md).
   *
   * - value: a module path or a list of them
   * - default: `[]`
   * - command line: `--import <module>`, may be repeated
   */
  readonly import: string | readonly string[]
  /**
   * The module whose exported `preload()` runs once before the workers start, in a process of its own;
   * all of them get what it returns from `shared()`, and map its large buffers instead of copying them.
   * Default: the module of `app`, if it exports a `preload()`. `boot_timeout` applies to it
   * (docs/run/preload.md).
   *
   * - value: a module path, or null
   * - default: `null`
   * - command line: `--preload <module>`
   */
  readonly preload: string | null
  /**
   * Hook scripts for this deployment: modules whose named exports are hooks. They run after the hooks of
   * the config file, in this order.
   *
   * - value: a module path or a list of them
   * - default: `[]`
   * - command line: `--hooks <module>`, may be repeated
   */
  readonly hooks: string | readonly string[]
  /**
   * Address to listen on. Port 0 uses a free port, which the log reports. The master binds the addresses
   * and the workers inherit the sockets. A reload opens new addresses, closes removed ones and leaves
   * the others open. When systemd passes sockets (`LISTEN_FDS`), all of them are served unless `bind`
   * selects some of them by address, by number (`fd://3`) or by name (`fd://web`). `{nr}` in the path of
   * a unix socket is one socket for each worker, by the number of its slot from 0 on:
   * `unix:/run/app.{nr}.sock`, for a proxy that chooses the worker. With `https://` before it an address
   * speaks TLS, with `http://` it does not, and without either it does if there is `certfile` or `acme`;
   * ports are then 443 and 80 unless they are given.
   *
   * - value: "host:port", "host", ":port", "[v6]:port", "unix:/path", "fd://n" or "fd://name", each also
   *   with "https://" before it ("https+unix:", "https+fd:"), or a list of them
   * - default: `"127.0.0.1:8000"`, or `"0.0.0.0:$PORT"` if the environment variable PORT is set
   * - command line: `-b, --bind <address>`, may be repeated
   */
  readonly bind: string | readonly string[]
  /**
   * Maximum number of connections that wait to be accepted. The kernel limits it to
   * `net.core.somaxconn`.
   *
   * - value: a whole number from 1 to 65535
   * - default: `2048`
   * - command line: `--backlog <number>`
   * - changes with a restart only
   */
  readonly backlog: number
  /**
   * Certificate in PEM: the one of the server first, then the intermediate ones, as in the
   * `fullchain.pem` of certbot. With it the server speaks HTTPS on each address of `bind` that does not
   * begin with `http://`. Of several files each client gets the one with the name that it asks for
   * (SNI), and the first one if no file has the name. The master reads the files, so that workers need
   * no right to them, and reads them again when they change and at each reload (docs/run/tls.md). Paths
   * start at `chdir`.
   *
   * - value: a file path, a list of them, or null
   * - default: `null`
   * - command line: `--certfile <path>`, may be repeated
   */
  readonly certfile: string | readonly string[] | null
  /**
   * Private key in PEM, without a passphrase. Of several files each belongs to the `certfile` at its
   * place in the list. null: the key is in `certfile`.
   *
   * - value: a file path, a list of them, or null
   * - default: `null`
   * - command line: `--keyfile <path>`, may be repeated
   */
  readonly keyfile: string | readonly string[] | null
  /**
   * Certificate that the server gets and renews by itself, by ACME, instead of `certfile`. It is for all
   * `domains`, from `directory` (default: Let's Encrypt), and with its key in `storage`. By setting it
   * you accept the terms of that authority. See docs/run/tls.md.
   *
   * - value: { domains, email, directory, storage, challenge, … } or null
   * - default: `null`
   * - command line: `--acme <part=value>`, may be repeated
   */
  readonly acme: Acme | null
  /**
   * Certificates, in PEM, of the authorities whose client certificates are accepted. Needed with
   * `cert_reqs`.
   *
   * - value: a file path or null
   * - default: `null`
   * - command line: `--ca-certs <path>`
   */
  readonly ca_certs: string | null
  /**
   * Whether clients have to show a certificate that one of `ca_certs` has issued. `"optional"` also
   * accepts clients without one, but none with a certificate that is not valid. The app reads it with
   * `req.socket.getPeerCertificate()`.
   *
   * - value: "none" (0), "optional" (1) or "required" (2)
   * - default: `"none"`
   * - command line: `--cert-reqs <mode>`
   */
  readonly cert_reqs: 'optional' | 'none' | 'required'
  /**
   * Cipher list in the form of OpenSSL, for TLS 1.2; names that begin with `TLS_` choose those of TLS
   * 1.3. null: the list of Node.js.
   *
   * - value: a cipher list of OpenSSL or null
   * - default: `null`
   * - command line: `--ciphers <list>`
   */
  readonly ciphers: string | null
  /**
   * Oldest version of TLS that a client may use. `"TLSv1"` and `"TLSv1.1"` also need
   * `ciphers: "DEFAULT:@SECLEVEL=0"`.
   *
   * - value: "TLSv1", "TLSv1.1", "TLSv1.2" or "TLSv1.3"
   * - default: `"TLSv1.2"`
   * - command line: `--tls-min-version <version>`
   */
  readonly tls_min_version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  /**
   * Addresses of proxies whose headers say which client a request comes from: X-Forwarded-For, -Proto,
   * -Host, -Port and Forwarded (docs/run/proxies.md). The client is the last address in X-Forwarded-For
   * that is not in this list. Entries are addresses, ranges (`"10.0.0.0/8"`), `"unix"`, or `"*"` for
   * any. Connections over a unix socket are always trusted, as in gunicorn, unless the list is empty:
   * `[]` trusts no proxy.
   *
   * - value: addresses such as "10.0.0.1", ranges such as "10.0.0.0/8", "unix" or "*"
   * - default: `["127.0.0.1","::1"]`, or the list in the environment variable FORWARDED_ALLOW_IPS
   * - command line: `--forwarded-allow-ips <addresses>`, may be repeated
   */
  readonly forwarded_allow_ips: readonly string[]
  /**
   * Headers in which a trusted proxy says that the client used https, each with the value that says so;
   * any other value means http. Two that disagree are refused with 400. `{}` reads none.
   *
   * - value: header names with the value that means https
   * - default: `{"X-Forwarded-Protocol":"ssl","X-Forwarded-Proto":"https","X-Forwarded-Ssl":"on"}`
   * - command line: `--secure-scheme-headers <name=value>`, may be repeated
   */
  readonly secure_scheme_headers: Readonly<Record<string, string>>
  /**
   * Which headers of a trusted proxy are read, besides `secure_scheme_headers`. Leave out those that
   * your proxy neither sets nor removes: it passes them on as the client has sent them.
   *
   * - value: a list of "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded"
   * - default: `["X-Forwarded-For","X-Forwarded-Host","X-Forwarded-Port","Forwarded"]`
   * - command line: `--forwarded-headers <names>`, may be repeated
   */
  readonly forwarded_headers: readonly (
    'X-Forwarded-For' | 'X-Forwarded-Host' | 'X-Forwarded-Port' | 'Forwarded'
  )[]
  /**
   * What happens to the same headers of all other clients. tsgun never reads them. `"keep"` leaves them
   * to the app, which may have a trust setting of its own; `"remove"` hides them from the app.
   *
   * - value: "keep" or "remove"
   * - default: `"keep"`
   * - command line: `--untrusted-forwarded-headers <mode>`
   */
  readonly untrusted_forwarded_headers: 'keep' | 'remove'
  /**
   * Whether a proxy says with the PROXY protocol, version 1 or 2, which client a connection comes from.
   * `"on"`: each connection has to begin with it, others are closed. `"auto"`: those in
   * `proxy_allow_ips` may begin with it. The client becomes the peer of the connection
   * (docs/run/proxies.md).
   *
   * - value: "off", "on" or "auto"
   * - default: `"off"`
   * - command line: `--proxy-protocol <mode>`
   */
  readonly proxy_protocol: 'on' | 'off' | 'auto'
  /**
   * Addresses of proxies that may use the PROXY protocol, in the form of `forwarded_allow_ips`. Unix
   * sockets may use it unless the list is empty. With `proxy_protocol: "on"` all others are closed.
   *
   * - value: addresses such as "10.0.0.1", ranges such as "10.0.0.0/8", "unix" or "*"
   * - default: `["127.0.0.1","::1"]`
   * - command line: `--proxy-allow-from <addresses>`, may be repeated
   */
  readonly proxy_allow_ips: readonly string[]
  /**
   * Number of worker processes. `"auto"` starts one per CPU that this process may use, within the CPU
   * quota of its cgroup.
   *
   * - value: a whole number from 1 to 1024, or "auto"
   * - default: `1`, or `$WEB_CONCURRENCY`
   * - command line: `-w, --workers <number>`
   */
  readonly workers: number | 'auto'
  /**
   * How a worker serves requests. `"async"` is the Node.js event loop: many concurrent requests per
   * worker. `"sync"` is one request at a time, for code that cannot work on two: a busy worker accepts
   * nothing, each response ends its connection, and WebSockets are refused. `"threads"` is several event
   * loops in one process (`threads`), each with its own copy of the app
   * (docs/understand/worker-classes.md). Any other value is the module of a class of your own, as
   * `"module"` or `"module:export"`, from `chdir` (docs/run/own-worker-class.md).
   *
   * - value: "async", "sync", "threads" or the path of a module
   * - default: `"async"`
   * - command line: `-k, --worker-class <name>`
   */
  readonly worker_class: 'async' | 'sync' | 'threads' | (string & {})
  /**
   * Number of threads of each worker that serve the app, with `worker_class: "threads"` only. `"auto"`:
   * the CPUs that this process may use, divided by the number of workers. `worker_connections` is
   * divided among them.
   *
   * - value: a whole number from 1 to 64, or "auto"
   * - default: `"auto"`
   * - command line: `--threads <number>`
   */
  readonly threads: number | 'auto'
  /**
   * Maximum number of open connections per worker. A worker at this limit stops accepting; the next
   * connection goes to another worker or waits in the backlog.
   *
   * - value: a whole number of 1 or more
   * - default: `1000`
   * - command line: `--worker-connections <number>`
   */
  readonly worker_connections: number
  /**
   * How long an idle connection stays open for its next request. 0 closes it after each response. Behind
   * a proxy or load balancer that keeps connections open, set it above the proxy's idle timeout.
   *
   * - value: seconds, 0 or more
   * - default: `2`
   * - command line: `--keep-alive <seconds>`
   */
  readonly keepalive: number
  /**
   * Path requested inside each new worker before it accepts connections. Not logged or counted. The
   * request has `Host: localhost` and is repeated until the app responds with 2xx, for 10 seconds or
   * until `boot_timeout`; after that the worker fails to boot, and a reload fails with it. Example:
   * `"/healthz"`.
   *
   * - value: a path that begins with "/", or null
   * - default: `null`
   * - command line: `--health-check <path>`
   */
  readonly health_check: string | null
  /**
   * Abort and replace a worker whose event loop is blocked for this long. It does not limit requests
   * that wait, see `request_timeout`. 0 disables it.
   *
   * - value: seconds, 0 or more
   * - default: `30`
   * - command line: `-t, --timeout <seconds>`
   */
  readonly timeout: number
  /**
   * Maximum time from the start of a worker until it is ready, including loading the app, `startup()`
   * and hooks. 0 disables it.
   *
   * - value: seconds, 0 or more
   * - default: `60`
   * - command line: `--boot-timeout <seconds>`
   */
  readonly boot_timeout: number
  /**
   * Maximum time for a request, from its headers to the end of its response. After that the client
   * receives a 503, or the connection is closed if the response has started, and `req.signal` is
   * aborted. 0 disables it.
   *
   * - value: seconds, 0 or more
   * - default: `0`
   * - command line: `--request-timeout <seconds>`
   */
  readonly request_timeout: number
  /**
   * Whether each worker has a watchdog thread that reports where a stuck worker hangs. The report has
   * the stack, the requests in flight and the memory (docs/understand/stuck-workers.md). The thread
   * costs about 10 MB of memory per worker. Without it a stuck worker is still killed and replaced, but
   * the log does not say why, and `worker_abort` runs only if the event loop turns again.
   *
   * - value: true or false
   * - default: `true`
   * - command line: `--watchdog [boolean]`
   */
  readonly watchdog: boolean
  /**
   * How long a stopping worker may take to finish its requests. Connections that are still open after
   * that are closed.
   *
   * - value: seconds, 0 or more
   * - default: `30`
   * - command line: `--graceful-timeout <seconds>`
   */
  readonly graceful_timeout: number
  /**
   * How long the server keeps serving after a graceful stop was requested. During this time the path of
   * `health_check` fails, so that load balancers stop sending requests before the drain begins. Not used
   * at a reload. The stop timeout of the service manager must be more than `drain_delay` and
   * `graceful_timeout` together.
   *
   * - value: seconds, 0 or more
   * - default: `0`
   * - command line: `--drain-delay <seconds>`
   */
  readonly drain_delay: number
  /**
   * How long an async hook may take before the server stops waiting for it.
   *
   * - value: seconds, more than 0
   * - default: `30`
   * - command line: `--hook-timeout <seconds>`
   */
  readonly hook_timeout: number
  /**
   * Maximum number of connections of the whole server; further ones wait in the queue of the socket
   * (`backlog`). It is divided among `workers`, and each accepts at most `worker_connections`. Workers
   * that drain count apart. 0 means no limit but `worker_connections`.
   *
   * - value: a whole number, 0 or more
   * - default: `0`
   * - command line: `--max-connections <number>`
   */
  readonly max_connections: number
  /**
   * Maximum number of connections of one address with all workers together; further ones are closed.
   * Trusted proxies (`forwarded_allow_ips`) and unix sockets are not limited. 0 means no limit.
   *
   * - value: a whole number, 0 or more
   * - default: `0`
   * - command line: `--max-connections-per-ip <number>`
   */
  readonly max_connections_per_ip: number
  /**
   * Maximum size of the request line: method, target and version. A longer one gets a 414. 0 leaves only
   * the limit of the whole head (docs/run/limits.md).
   *
   * - value: a size up to 1M such as 4094 or "8K"
   * - default: `4094`
   * - command line: `--limit-request-line <bytes>`
   */
  readonly limit_request_line: number
  /**
   * Maximum number of header fields. A request with more gets a 431. 0 means no limit.
   *
   * - value: a whole number, 0 or more
   * - default: `100`
   * - command line: `--limit-request-fields <number>`
   */
  readonly limit_request_fields: number
  /**
   * Maximum size of a header field, with its name and the end of its line. A request with a larger one
   * gets a 431. 0 leaves only the limit of the whole head (docs/run/limits.md).
   *
   * - value: a size up to 1M such as 8190 or "16K"
   * - default: `8190`
   * - command line: `--limit-request-field-size <bytes>`
   */
  readonly limit_request_field_size: number
  /**
   * Maximum size of a request body. A larger one gets a 413: before the app gets the request if
   * Content-Length says so, else while the body arrives. 0 means no limit.
   *
   * - value: a size such as "10M"; a number is in bytes
   * - default: `0`
   * - command line: `--limit-request-body <bytes>`
   */
  readonly limit_request_body: number
  /**
   * Maximum time for a client to send the head of a request. After that it gets a 408; a new connection
   * without a byte is closed. 0 means no limit.
   *
   * - value: seconds, 0 or more
   * - default: `60`
   * - command line: `--header-timeout <seconds>`
   */
  readonly header_timeout: number
  /**
   * Maximum time in which no byte of a body moves. A client that stops sending a request body gets a
   * 408, and the connection of one that stops reading a response is closed. An upload or a download that
   * goes on may take as long as it needs. 0 means no limit.
   *
   * - value: seconds, 0 or more
   * - default: `60`
   * - command line: `--body-timeout <seconds>`
   */
  readonly body_timeout: number
  /**
   * Versions of HTTP: `["h2", "h1"]` adds HTTP/2. With TLS a client chooses in the handshake (ALPN), the
   * first one of the list is preferred; without TLS it has to know that the server speaks HTTP/2, as a
   * proxy does (docs/run/http2.md).
   *
   * - value: a list of "h1" and "h2"
   * - default: `["h1"]`
   * - command line: `--http-protocols <list>`, may be repeated
   */
  readonly http_protocols: readonly ('h1' | 'h2')[]
  /**
   * Maximum number of requests at a time on one connection of HTTP/2.
   *
   * - value: a whole number, 1 or more
   * - default: `100`
   * - command line: `--http2-max-concurrent-streams <number>`
   */
  readonly http2_max_concurrent_streams: number
  /**
   * Bytes of a request body that a client of HTTP/2 may send before the app has read any.
   *
   * - value: a size such as 65535 or "1M"
   * - default: `65535`
   * - command line: `--http2-initial-window-size <bytes>`
   */
  readonly http2_initial_window_size: number
  /**
   * Largest frame that a client of HTTP/2 may send.
   *
   * - value: a size from 16384 to 16777215
   * - default: `16384`
   * - command line: `--http2-max-frame-size <bytes>`
   */
  readonly http2_max_frame_size: number
  /**
   * Maximum size of all header fields of a request of HTTP/2. Clients learn it from SETTINGS, and a
   * request with more is refused.
   *
   * - value: a size such as "64K"
   * - default: `65536`
   * - command line: `--http2-max-header-list-size <bytes>`
   */
  readonly http2_max_header_list_size: number
  /**
   * Replace a worker that has served this many requests. Workers are replaced one at a time, and the new
   * worker is ready before the old one stops. Requests are counted about once a second, so a worker
   * serves a few more. 0 means no limit.
   *
   * - value: a whole number, 0 or more
   * - default: `0`
   * - command line: `--max-requests <number>`
   */
  readonly max_requests: number
  /**
   * Random extra per worker, so that workers are not all replaced at the same time. Up to this many
   * requests are added to `max_requests`.
   *
   * - value: a whole number, 0 or more
   * - default: `0`
   * - command line: `--max-requests-jitter <number>`
   */
  readonly max_requests_jitter: number
  /**
   * Replace a worker whose memory (RSS) reaches this size. Workers are replaced one at a time, and the
   * new worker is ready before the old one stops. A percentage refers to the memory limit of the cgroup,
   * or to the memory of the machine without such a limit. The limit applies to each worker, so leave
   * room for all workers, the master and one more worker during a replacement. null means no limit.
   *
   * - value: a size of 16M or more such as "512M", a percentage such as "20%", or null; a number is in
   *   bytes
   * - default: `null`
   * - command line: `--max-memory <size>`
   */
  readonly max_memory: string | number | null
  /**
   * Random extra per worker, so that workers are not all replaced at the same time. Up to this size is
   * added to `max_memory`. A percentage refers to the same total as that of `max_memory`.
   *
   * - value: a size such as "32M", or a percentage such as "2%"; a number is in bytes
   * - default: `0`
   * - command line: `--max-memory-jitter <size>`
   */
  readonly max_memory_jitter: string | number
  /**
   * Processes that compute beside the requests, in pools by name:
   * `{ ocr: { module: "./ocr.task.ts", processes: 2 } }`. The app calls them with
   * `task("ocr").run(input)`. See docs/run/tasks.md.
   *
   * - value: an object with a part { module, processes, … } for each task; a name has letters, digits,
   *   "-" and "_", at most 32
   * - default: `{}`
   */
  readonly tasks: Readonly<Record<string, TaskPool>>
  /**
   * What runs beside the app under the same master, log and reload, by name: another app with an address
   * of its own (`{ live: { app: "./live.ts", bind: "127.0.0.1:8001", workers: 1 } }`), a module that
   * runs once (`{ poller: { run: "./poller.ts" } }`), or another program
   * (`{ feed: { command: ["python3", "feed.py"] } }`). The app of the server is the service "web". See
   * docs/run/services.md.
   *
   * - value: an object with a part { app, bind }, { run } or { command } for each service; a name has
   *   letters, digits, "-" and "_", at most 32
   * - default: `{}`
   */
  readonly services: Readonly<Record<string, Service>>
  /**
   * What runs at certain times, each run in a process of its own and in one server only once:
   * `{ cleanup: { cron: "0 3 * * *", timezone: "Europe/Berlin", run: "./cleanup.ts" } }`. See
   * docs/run/schedules.md.
   *
   * - value: an object with a part { cron, run } for each schedule; a name has letters, digits, "-" and
   *   "_", at most 32
   * - default: `{}`
   */
  readonly schedules: Readonly<Record<string, Schedule>>
  /**
   * File in which the server notes when each schedule was last due, so that a start knows what was
   * missed while the server was down. null: that is known through reloads and upgrades, but not through
   * a stop.
   *
   * - value: a file path or null
   * - default: `null`
   * - command line: `--schedules-file <path>`
   * - changes with a restart only
   */
  readonly schedules_file: string | null
  /**
   * What carries the messages of the bus. null is a process of the server, for this machine.
   * `"redis://host:6379"` or `"nats://host:4222"` carry them beyond it; the project needs the package
   * `redis` or `@nats-io/transport-node`. See docs/run/bus.md.
   *
   * - value: a URL with redis://, rediss://, nats:// or tls:// (NATS), or null
   * - default: `null`
   */
  readonly bus: string | null
  /**
   * File for the access log, one line per request. `"-"` is standard output, null disables the log;
   * `/dev/stdout`, `/dev/stderr`, `/dev/null`, links to them and a FIFO work.
   *
   * - value: a file path, "-", null or { path, rotation }
   * - default: `null`
   * - command line: `--access-logfile <path>`
   */
  readonly accesslog: string | LogDestination | null
  /**
   * File for the error log, the messages of the master and the workers. `"-"` is standard error, null
   * disables the log.
   *
   * - value: a file path, "-", null or { path, rotation }
   * - default: `"-"`
   * - command line: `--error-logfile <path>`
   */
  readonly errorlog: string | LogDestination | null
  /**
   * File for the app log, the output of the app (`capture_output`). `"-"` is standard output, null
   * disables the log.
   *
   * - value: a file path, "-", null or { path, rotation }
   * - default: `"-"`
   * - command line: `--app-logfile <path>`
   */
  readonly applog: string | LogDestination | null
  /**
   * Rotation of the log files by the server. `size` (`"100M"`) and `interval` (`"1d"`, `"6h"`) set when
   * a file is rotated, `keep` (a number of files) and `total_size` limit the rotated files, `compress`
   * compresses them with gzip, and `utc` uses UTC instead of local time. A log set to
   * `{ path, rotation }` has its own rotation. See docs/run/logs.md.
   *
   * - value: null or { size, interval, keep, total_size, compress, utc }
   * - default: `null`
   * - command line: `--log-rotation <part=value>`, may be repeated
   */
  readonly log_rotation: LogRotation | null
  /**
   * Maximum size of the log lines that wait in memory while they cannot be written. It applies to each
   * log file in the master, and in each worker to lines that the master has not read yet. Further lines
   * are dropped and counted.
   *
   * - value: a size such as "8M"; a number is in bytes
   * - default: `"8M"`
   * - command line: `--log-buffer <size>`
   */
  readonly log_buffer: number
  /**
   * Permissions of the log files that the server creates, regardless of the umask. The files belong to
   * the user of the master and to `group`.
   *
   * - value: octal permissions such as 0o640
   * - default: `0o640`
   * - command line: `--log-file-mode <mode>`
   */
  readonly log_file_mode: number
  /**
   * Format of the access log: `"json"`, `"combined"`, `"common"`, or a format string with atoms such as
   * `%(h)s` (docs/reference/log-fields.md).
   *
   * - value: "json", "combined", "common" or a format string with the atoms of gunicorn
   * - default: `"combined"`
   * - command line: `--access-logformat <format>`
   */
  readonly access_log_format: string
  /**
   * Format of the error log and the app log: `"text"`, or `"json"` with one object per line.
   *
   * - value: "text" or "json"
   * - default: `"text"`
   * - command line: `--log-format <format>`
   */
  readonly log_format: 'text' | 'json'
  /**
   * Minimum level of the records in the error log. It is also the initial level of the app's logger
   * (`import { log } from 'tsgun'`).
   *
   * - value: "trace", "debug", "info", "warn", "error" or "fatal"
   * - default: `"info"`
   * - command line: `--log-level <level>`
   */
  readonly loglevel: 'error' | 'trace' | 'debug' | 'info' | 'warn' | 'fatal'
  /**
   * Fields to hide in the records of `log`, of `req.log` and of the workers in the error log. Paths such
   * as `["password", "req.headers.authorization", "*.token"]`, or `{ paths, censor, remove }`, as in
   * pino's `redact`: the value is replaced by `[Redacted]` or `censor`, or the field is removed with
   * `remove`. Message texts, stacks and printed output are not searched. Of a logged error,
   * `authorization`, `cookie`, `set-cookie` and `x-api-key` headers are hidden in any case.
   *
   * - value: a list of paths in the syntax of pino, or { paths, censor, remove } with a string as the
   *   censor
   * - default: `[]`
   * - command line: `--log-redact <paths>`, may be repeated
   */
  readonly log_redact: readonly string[] | LogRedaction
  /**
   * Whether the output of workers and their child processes goes to the app log, each line with its
   * worker and time. This includes console.*, libraries and native code, and console.* of hooks in the
   * master. If false, the output goes unchanged to standard output and standard error of the master.
   *
   * - value: true or false
   * - default: `true`
   * - command line: `--capture-output [boolean]`
   */
  readonly capture_output: boolean
  /**
   * File for the process id of the master. A file left by a process that has exited is replaced; if its
   * process is running, the start fails. The file is removed at exit if it still contains the id of this
   * master.
   *
   * - value: a file path or null
   * - default: `null`
   * - command line: `-p, --pid <path>`
   * - changes with a restart only
   */
  readonly pidfile: string | null
  /**
   * User that workers run as. The master must run as root, and keeps running as root. Unix sockets are
   * owned by this user.
   *
   * - value: a user name or id, or null
   * - default: `null`
   * - command line: `-u, --user <user>`
   * - changes with a restart only
   */
  readonly user: string | number | null
  /**
   * Group that workers run as. The default is the primary group of the user.
   *
   * - value: a group name or id, or null
   * - default: `null`
   * - command line: `-g, --group <group>`
   * - changes with a restart only
   */
  readonly group: string | number | null
  /**
   * Whether workers get the supplementary groups of `user`. If false, they have no groups except
   * `group`.
   *
   * - value: true or false
   * - default: `false`
   * - command line: `--initgroups [boolean]`
   * - changes with a restart only
   */
  readonly initgroups: boolean
  /**
   * Umask for the unix sockets that the server creates. 0o007 lets the owner and the group connect.
   *
   * - value: an octal mask such as 0o007
   * - default: `0o007`
   * - command line: `-m, --umask <mask>`
   * - changes with a restart only
   */
  readonly umask: number
  /**
   * Whether to run in the background. The command returns when the workers are ready, or reports why the
   * start failed. Logs must be files or null.
   *
   * - value: true or false
   * - default: `false`
   * - command line: `-D, --daemon [boolean]`
   * - changes with a restart only
   */
  readonly daemon: boolean
  /**
   * Node.js executable that runs the new master of an upgrade (USR2). null uses the one that this master
   * was started with, resolved again, so that a changed symlink or PATH entry takes effect.
   *
   * - value: the path or name of a Node.js executable, or null
   * - default: `null`
   * - command line: `--upgrade-exec <path>`
   */
  readonly upgrade_exec: string | null
  /**
   * Name in the process titles of the master and the workers. The titles are `tsgun: master [name]` and
   * `tsgun: worker 1 [name]`. The default is the app.
   *
   * - value: a name or null
   * - default: `null`
   * - command line: `-n, --name <name>`
   * - changes with a restart only
   */
  readonly proc_name: string | null
  /**
   * Unix socket on which the master accepts `tsgunctl` and HTTP requests with JSON. A stale socket is
   * replaced; if a process listens on it, the start fails. It is removed at exit. null disables it. See
   * docs/run/control.md.
   *
   * - value: a file path or null
   * - default: `null`
   * - command line: `--control-socket <path>`
   * - changes with a restart only
   */
  readonly control_socket: string | null
  /**
   * Permissions of the control socket, which belongs to the user of the master. Any process that can
   * connect can stop the server.
   *
   * - value: permissions such as 0o600
   * - default: `0o600`
   * - command line: `--control-socket-mode <mode>`
   * - changes with a restart only
   */
  readonly control_socket_mode: number
  /**
   * Restart the workers when a file that they have loaded changes, and show errors on a page instead of
   * exiting (development restart). `"poll"` polls the files, for file systems that do not report changes
   * (`--reload=poll`).
   *
   * - value: true, false or "poll"
   * - default: `false`
   * - command line: `--reload [boolean]`
   */
  readonly reload: boolean | 'poll'
  /**
   * More files that cause a development restart when they change, such as templates. Paths and globs
   * such as `"views/*.html"`; a directory includes everything below it.
   *
   * - value: a path or glob, or a list of them
   * - default: `[]`
   * - command line: `--reload-extra-file <path>`, may be repeated
   */
  readonly reload_extra_files: string | readonly string[]
  /**
   * Load the config, the hooks and (in a child process) the app, check directories, users and addresses,
   * report errors, and exit with 0 or 1 without serving.
   *
   * - value: true or false
   * - default: `false`
   * - command line: `--check-config [boolean]`
   * - changes with a restart only
   */
  readonly check_config: boolean
  /**
   * Print every setting with its value and its source, and exit. With `--json` as JSON.
   *
   * - value: true or false
   * - default: `false`
   * - command line: `--print-config [boolean]`
   * - changes with a restart only
   */
  readonly print_config: boolean
}
