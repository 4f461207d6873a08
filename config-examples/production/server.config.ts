// A service behind nginx, run by systemd: a unix socket, a pidfile, three logs that the server rotates,
// hooks, and a hook script for the deployment. nginx.conf is beside this file, and logrotate.conf if you prefer
// logrotate. See docs/run/deploy.md and docs/run/systemd.md.
import { join } from 'node:path'
import { defineConfig } from 'tsgun'

// systemd creates both directories (RuntimeDirectory=shop, LogsDirectory=shop) and sets these variables.
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
  // A new worker gets connections only when this path responds with 2xx.
  health_check: '/health',
  // Above nginx's keepalive_timeout for the upstream (60 s), so that nginx closes idle connections.
  keepalive: 75,

  timeout: 30,
  boot_timeout: 60,
  graceful_timeout: 30,
  // A request that takes longer gets a 503. Below proxy_read_timeout of nginx (60 s).
  request_timeout: 30,

  // A worker that has grown to this share of the machine or the container is replaced; the new one
  // is ready first. Leave room for all workers and one more.
  max_memory: '20%',

  accesslog: join(logs, 'access.log'),
  access_log_format: 'json',
  errorlog: join(logs, 'error.log'),
  applog: join(logs, 'app.log'),
  log_rotation: { interval: '1d', size: '1G', keep: 30, total_size: '20G', compress: true },
  log_format: 'text',
  loglevel: 'info',

  pidfile: join(run, 'tsgun.pid'),
  // For tsgunctl status, reload --wait and so on; only this user can connect.
  control_socket: join(run, 'control.sock'),

  // Only if root starts the master, without User= in the unit: the workers' user, who owns the socket.
  // user: 'shop',
  // group: 'www-data',

  // Output of hooks goes to the app log.
  workers_ready(server) {
    console.log(`${server.num_workers} workers serve at ${server.listeners.join(', ')}`)
  },

  child_exit(_server, worker) {
    if (worker.exit?.reason === 'timeout')
      console.error(`worker ${worker.nr} was stuck; look at its last requests`)
  },
})
