// Behind nginx, with nginx.conf beside this file: a unix socket, connections that nginx keeps open,
// WebSockets, and files that nginx sends for the app. See docs/run/proxies.md.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  workers: 2,

  // The permissions of the socket say who may connect, so nginx is trusted. Over TCP it is trusted at
  // 127.0.0.1 and ::1; put another address into forwarded_allow_ips.
  bind: 'unix:/run/shop/http.sock',
  umask: 0o007,

  // Above keepalive_timeout of nginx's upstream (60 s), so that nginx closes idle connections.
  keepalive: 75,

  accesslog: '-',
  access_log_format: 'json',
})
