// Words that other tools have as commands. `tsgun WORD` would take them for an app, so each gets an answer of
// its own. Those of PM2 are in docs/migrate/from-pm2.md too.

const start = 'to start, leave the word out: tsgun ./app.ts, or tsgun alone with a server.config.ts'
const list = 'tsgunctl status, tsgunctl workers'
const end = 'tsgunctl stop --wait, or kill -TERM PID'

export const words = {
  start,
  run: start,
  serve: `${start}; files without an app are a task for nginx`,
  dev: 'tsgun --reload ./app.ts',
  watch: 'tsgun --reload ./app.ts',
  restart: 'tsgunctl reload --wait, kill -HUP PID, or stop and start',
  delete: end,
  del: end,
  kill: end,
  quit: end,
  list,
  ls: list,
  ps: list,
  show: list,
  info: list,
  describe: list,
  log: 'tsgunctl logs -f, or tail -f of the log files',
  reloadLogs: 'tsgunctl reopen, or kill -USR1 PID',
  flush: 'nothing; tsgunctl rotate begins new files',
  startup: 'tsgun systemd',
  unstartup: 'systemctl disable NAME',
  save: 'tsgun systemd',
  resurrect: 'systemctl enable NAME',
  update: 'tsgunctl upgrade --wait, or kill -USR2 PID',
  monit: 'nothing; tsgunctl status --json for scripts',
  plus: 'nothing; tsgunctl status --json for scripts',
  deploy: 'nothing; see docs/run/releases.md',
  install: 'nothing; hooks are in docs/reference/hooks.md',
  sendSignal: 'nothing: workers ignore signals',
  trigger: 'nothing: workers ignore signals',
  reset: 'nothing: the counters of a worker begin with it',
  ecosystem: 'write a server.config.ts, see docs/start/config.md',
  jlist: 'tsgunctl status --json',
  prettylist: 'tsgunctl status --json',
  daemon: 'tsgun -D ./app.ts',
  check: 'tsgun --check-config',
  config: 'tsgun --print-config, tsgun --check-config',
} as const satisfies Readonly<Record<string, string>>
