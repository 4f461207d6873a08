// The flags of `pm2 start` that have a field in its ecosystem file. Pure data.

export const pm2FlagFields: Readonly<Record<string, string>> = {
  '-i': 'instances',
  '--instances': 'instances',
  '-n': 'name',
  '--name': 'name',
  '-o': 'out_file',
  '--output': 'out_file',
  '-e': 'error_file',
  '--error': 'error_file',
  '-l': 'log_file',
  '--log': 'log_file',
  '-p': 'pid_file',
  '--pid': 'pid_file',
  '-k': 'kill_timeout',
  '--kill-timeout': 'kill_timeout',
  '--listen-timeout': 'listen_timeout',
  '--max-memory-restart': 'max_memory_restart',
  '--max-restarts': 'max_restarts',
  '--restart-delay': 'restart_delay',
  '--exp-backoff-restart-delay': 'exp_backoff_restart_delay',
  '--node-args': 'node_args',
  '--interpreter': 'interpreter',
  '--interpreter-args': 'interpreter_args',
  '--cwd': 'cwd',
  '--watch': 'watch',
  '--ignore-watch': 'ignore_watch',
  '--uid': 'uid',
  '--gid': 'gid',
  '-c': 'cron_restart',
  '--cron': 'cron_restart',
  '--cron-restart': 'cron_restart',
  '--wait-ready': 'wait_ready',
  '--no-autorestart': 'autorestart',
  '--log-type': 'log_type',
}

const alone = new Set([
  '--watch',
  '--wait-ready',
  '--no-autorestart',
  '--no-daemon',
  '--merge-logs',
  '-f',
  '--force',
])
const othersWithValue = new Set([
  '--env',
  '--log-date-format',
  '--watch-delay',
  '--filter-env',
  '--namespace',
])

export function isFlagWithValue(flag: string): boolean {
  return othersWithValue.has(flag) || (Object.hasOwn(pm2FlagFields, flag) && !alone.has(flag))
}
