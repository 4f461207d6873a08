// Names that users of other servers and tools write, with the setting or hook of that meaning. Names of
// gunicorn and PM2 have tables of their own.

import type { HookName } from '../hooks/table.ts'
import type { SettingName } from '../settings/table.ts'

/** Each setting with other names for it. */
export const otherNames: Readonly<Partial<Record<SettingName, readonly string[]>>> = {
  app: ['application', 'entry', 'entrypoint', 'entry_point', 'main', 'module', 'file', 'server', 'index'],
  chdir: ['root', 'dir', 'directory', 'workdir', 'working_directory', 'base_dir'],
  env: ['environment', 'envs', 'env_vars', 'environment_variables', 'variables'],
  bind: ['listen', 'listeners', 'binds', 'addresses'],
  certfile: ['cert', 'certificate', 'ssl_certificate', 'tls_cert', 'ssl_cert', 'certificates'],
  keyfile: ['key', 'ssl_certificate_key', 'private_key', 'tls_key', 'ssl_key'],
  acme: ['letsencrypt', 'lets_encrypt', 'autocert', 'auto_https', 'auto_tls', 'certbot'],
  ca_certs: ['ca', 'cafile', 'ca_file', 'client_ca', 'ssl_client_certificate'],
  cert_reqs: ['request_cert', 'verify_client', 'client_auth', 'ssl_verify_client'],
  ciphers: ['ssl_ciphers', 'tls_ciphers'],
  tls_min_version: ['min_version', 'ssl_protocols', 'tls_version'],
  workers: ['processes', 'cluster', 'concurrency', 'num_workers', 'worker_count', 'worker_processes', 'cpus'],
  worker_connections: ['max_connections', 'connections'],
  keepalive: ['keepalive_timeout', 'keep_alive_timeout', 'idle_timeout'],
  health_check: [
    'health',
    'healthcheck',
    'health_path',
    'healthcheck_path',
    'health_check_path',
    'readiness',
  ],
  boot_timeout: ['start_timeout', 'startup_timeout', 'ready_timeout'],
  graceful_timeout: [
    'shutdown_timeout',
    'stop_timeout',
    'drain_timeout',
    'grace_period',
    'terminate_timeout',
  ],
  drain_delay: ['pre_stop_delay', 'shutdown_delay'],
  max_memory: ['memory', 'memory_limit', 'max_rss', 'max_heap'],
  accesslog: ['access_log_file', 'access_log_path', 'request_log'],
  errorlog: ['error_log_file', 'error_log_path'],
  applog: ['app_log_file', 'log_path', 'logs', 'stdout', 'stderr'],
  log_rotation: ['rotation', 'rotate', 'logrotate', 'log_rotate'],
  log_redact: ['redact'],
  loglevel: ['level', 'verbosity', 'log_verbosity'],
  proc_name: ['title', 'process_title', 'app_name'],
  daemon: ['daemonize', 'background', 'detach', 'detached'],
  reload: ['hot', 'hot_reload', 'nodemon', 'dev', 'development'],
  control_socket: ['control', 'admin_socket', 'ctl_socket'],
  hooks: ['hook', 'hook_scripts', 'plugins'],
}

/** Each hook with other names for it. */
export const otherHooks: Readonly<Partial<Record<HookName, readonly string[]>>> = {
  when_ready: ['on_ready', 'on_listen', 'on_listening', 'on_started'],
  pre_fork: ['before_fork', 'on_fork'],
  post_fork: ['after_fork'],
  post_worker_init: ['on_worker_boot', 'on_worker_start', 'worker_init', 'on_worker_ready'],
  worker_exit: ['on_worker_shutdown', 'on_worker_stop', 'on_worker_exit'],
  on_reload: ['on_restart', 'before_reload'],
  on_stopping: ['on_stop', 'on_shutdown', 'before_shutdown', 'before_exit'],
  on_exit: ['on_stopped', 'after_exit'],
}

/** Names that are part of a value here; VALUE stands for what was given. */
export const forms: Readonly<Record<string, { readonly setting: string; readonly flag: string }>> = {
  port: { setting: 'bind: ":VALUE"', flag: '-b :VALUE' },
  ports: { setting: 'bind: [":8000", ":8001"]', flag: '-b :8000 -b :8001' },
  host: { setting: 'bind: "VALUE:8000"', flag: '-b VALUE:8000' },
  hostname: { setting: 'bind: "VALUE:8000"', flag: '-b VALUE:8000' },
  address: { setting: 'bind: "VALUE:8000"', flag: '-b VALUE:8000' },
  ip: { setting: 'bind: "VALUE:8000"', flag: '-b VALUE:8000' },
  socket: { setting: 'bind: "unix:VALUE"', flag: '-b unix:VALUE' },
  unix_socket: { setting: 'bind: "unix:VALUE"', flag: '-b unix:VALUE' },
  socket_path: { setting: 'bind: "unix:VALUE"', flag: '-b unix:VALUE' },
  verbose: { setting: 'loglevel: "debug"', flag: '--log-level debug' },
  debug: { setting: 'loglevel: "debug"', flag: '--log-level debug' },
  quiet: { setting: 'loglevel: "error"', flag: '--log-level error' },
}

const tls = 'write certfile and keyfile (docs/run/tls.md)'
const app = 'this is a task of the app'

/** What no setting does. */
export const remarks: Readonly<Record<string, string>> = {
  ssl: tls,
  tls,
  https: tls,
  static: 'let nginx serve files, or the app',
  cors: app,
  compression: app,
  gzip: app,
  middleware: app,
  routes: app,
  startup: 'export startup() from the module of the app (docs/start/apps.md)',
  shutdown: 'export shutdown() from the module of the app (docs/start/apps.md)',
  upgrade: 'export upgrade() from the module of the app (docs/start/apps.md)',
  logger: "formats and files are settings; the app logs with `import { log } from 'tsgun'`",
  autorestart: 'a worker that ends is always replaced',
  restart: 'a worker that ends is always replaced',
}
