// The fields of PM2's ecosystem file and the flags of `pm2 start`, with what is here instead. The table in
// docs/migrate/from-pm2.md is made from it, and a mistake in a config or on the command line gets its hint
// from it.

import { is, no, time, type Pm2Row } from './pm2-row.ts'

const watched = 'only files that the workers have loaded are watched, and those of `reload_extra_files`'
const logFiles = 'standard output and standard error, with levels'
const backoff = 'fixed: 250 ms, growing to 30 s'
const runs = 'the `node` that starts tsgun; TypeScript needs none'

export const pm2Fields = {
  apps: no('one config and one service for each app (docs/run/deploy.md)'),
  name: is('proc_name', '--name'),
  script: is('app'),
  cwd: is('chdir', '--cwd'),
  instances: is('workers', '-i --instances'),
  exec_mode: no('always a cluster; `"fork"` is `workers: 1`'),
  watch: is('reload', '--watch', 'for development only'),
  ignore_watch: no(watched, '--ignore-watch'),
  watch_delay: no('fixed: 50 ms', '--watch-delay'),
  watch_options: no('`reload: "poll"` polls the files'),
  max_memory_restart: is('max_memory', '--max-memory-restart', 'the replacement is ready first'),
  env: is('env'),
  env_file: is('env_file'),
  env_production: no('a condition in the config file, or `-e NAME=value`'),
  args: no('read them from `env` instead'),
  interpreter_args: is('node_args', '--interpreter-args'),
  interpreter: no(runs, '--interpreter'),
  exec_interpreter: no(runs),
  out_file: is('applog', '-o --output', logFiles),
  error_file: is('applog', '--error', logFiles),
  output: is('applog', '', logFiles),
  error: is('applog', '', logFiles),
  log_file: is('applog', '-l --log', logFiles),
  log: is('applog', '', logFiles),
  disable_logs: no('`applog: null`', '--disable-logs'),
  merge_logs: no('always: one file for all workers', '--merge-logs'),
  combine_logs: no('always: one file for all workers'),
  log_date_format: no('fixed: ISO 8601 in local time', '--log-date-format'),
  time: no('always: each line has its time', '--time'),
  log_type: is('log_format', '--log-type'),
  pid_file: is('pidfile'),
  pid: is('pidfile'),
  kill_timeout: time('graceful_timeout', '--kill-timeout'),
  wait_ready: no('`startup()` of the app: ready when it resolves', '--wait-ready'),
  listen_timeout: time('boot_timeout', '--listen-timeout'),
  shutdown_with_message: no('`shutdown()` of the app', '--shutdown-with-message'),
  autorestart: no('always', '--autorestart --no-autorestart'),
  autostart: no('always: the start starts the app', '--no-autostart'),
  stop_exit_codes: no('none: a worker that exits is replaced', '--stop-exit-codes'),
  min_uptime: no('fixed: one second', '--min-uptime'),
  max_restarts: no('none: a slot is tried again with a growing delay', '--max-restarts'),
  restart_delay: no(backoff, '--restart-delay'),
  exp_backoff_restart_delay: no(backoff, '--exp-backoff-restart-delay'),
  cron_restart: no(
    'none: a cron job or timer that sends HUP; for work at certain times `schedules`',
    '--cron --cron-restart',
  ),
  instance_var: no('fixed: `TSGUN_WORKER_NR`'),
  increment_var: no('none: compute it from `TSGUN_WORKER_NR`'),
  uid: is('user', '--uid'),
  gid: is('group', '--gid'),
  source_map_support: no('not needed: stacks show TypeScript lines', '--source-map-support'),
  disable_source_map_support: no('not needed', '--disable-source-map-support'),
  filter_env: no('none: the environment of the master reaches the workers', '--filter-env'),
  append_env_to_name: no('set `proc_name`'),
  namespace: no('none: one master for each app', '--namespace'),
  force: no('not needed', '-f --force'),
  vizion: no('none', '--vizion --no-vizion'),
  treekill: no('none: an app ends its own child processes', '--treekill --no-treekill'),
  pmx: no('none: `tsgunctl status --json` for scripts', '--pmx --no-pmx'),
  automation: no('none', '--automation --no-automation'),
  deep_monitoring: no('none', '--deep-monitoring'),
  trace: no('none', '--trace --disable-trace'),
  post_update: no('none'),
  deploy: no('none (docs/run/releases.md)'),
} as const satisfies Readonly<Record<string, Pm2Row>>

/** Flags of `pm2` that are no fields. */
export const pm2Flags = {
  '--no-daemon': 'leave it out: tsgun runs in the foreground; -D runs it in the background',
  '--only': 'one config and one service for each app',
  '--update-env': 'a reload reads the config again; a restart also the environment',
  '--attach': 'tsgun runs in the foreground',
  '--silent': 'errors alone: --log-level error',
  '--execute-command': 'leave it out',
  '--ext': watched,
  '--raw': 'leave it out: formats are --log-format and --access-logformat',
} as const satisfies Readonly<Record<string, string>>
