// A service behind nginx, run by systemd: separate logs that the server rotates, a unix socket, a pidfile, hooks of its own and a hook
// script of the deployment. docs/run/deploy.md has the unit; nginx.conf is beside this file, and logrotate.conf for who rather rotates with it.
import { join } from 'node:path'
import { defineConfig } from 'tsgun'

// systemd makes both directories and names them here (RuntimeDirectory=shop, LogsDirectory=shop).
const { RUNTIME_DIRECTORY: run = '/run/shop', LOGS_DIRECTORY: logs = '/var/log/shop' } = process.env

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  env: { NODE_ENV: 'production' },
  proc_name: 'shop',
  hooks: './hooks/deployment.ts',

  // nginx connects to the socket as a member of the socket's group.
  bind: `unix:${join(run, 'http.sock')}`,
  umask: 0o007,
  backlog: 2048,

  workers: 'auto',
  worker_connections: 1000,
  // Longer than nginx keeps an idle connection (keepalive_timeout of its upstream, 60 s), so that only nginx ever closes one.
  keepalive: 75,

  timeout: 30,
  boot_timeout: 60,
  graceful_timeout: 30,

  accesslog: join(logs, 'access.log'),
  access_log_format: 'json',
  errorlog: join(logs, 'error.log'),
  applog: join(logs, 'app.log'),
  log_rotation: { interval: '1d', size: '1G', keep: 30, total_size: '20G', compress: true },
  log_format: 'text',
  loglevel: 'info',

  pidfile: join(run, 'tsgun.pid'),

  // Only for a master that root starts without systemd's User=: workers then run as this user, and the socket belongs to it.
  // user: 'shop',
  // group: 'www-data',

  // What hooks print is in the app log.
  workers_ready(server) {
    console.log(`${server.num_workers} workers serve at ${server.listeners.join(', ')}`)
  },

  child_exit(_server, worker) {
    if (worker.exit?.reason === 'timeout')
      console.error(`worker ${worker.nr} was stuck; look at its last requests`)
  },
})
