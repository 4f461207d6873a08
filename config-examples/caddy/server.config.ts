// Behind Caddy, with the Caddyfile beside this file: a unix socket, connections that Caddy keeps open, and
// WebSockets. See docs/run/proxies.md.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  workers: 2,

  // The permissions of the socket say who may connect, so Caddy is trusted. Over TCP it is trusted at
  // 127.0.0.1 and ::1; put another address into forwarded_allow_ips.
  bind: 'unix:/run/shop/http.sock',
  umask: 0o007,

  // Above `keepalive` of Caddy (60 s), so that Caddy closes idle connections.
  keepalive: 75,

  accesslog: '-',
  access_log_format: 'json',
})
