// socket.io behind nginx: one unix socket for each worker, so that nginx sends all requests of a client to
// the same worker. nginx.conf is beside this file. See docs/run/websockets.md.
import { join } from 'node:path'
import { defineConfig } from 'tsgun'

// systemd creates the directory (RuntimeDirectory=chat) and sets this variable.
const { RUNTIME_DIRECTORY: run = '/run/chat' } = process.env

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,

  // {nr} is the number of the worker's slot: app.0.sock, app.1.sock, … One line for each in nginx.conf.
  bind: `unix:${join(run, 'app.{nr}.sock')}`,
  workers: 2,
  // nginx connects to the sockets as a member of their group.
  umask: 0o007,
  // Above nginx's keepalive_timeout for the upstream (60 s).
  keepalive: 75,
  // Each client that is connected by WebSocket is one.
  worker_connections: 10_000,
})
