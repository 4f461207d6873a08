// Behind haproxy, with haproxy.cfg beside this file: a unix socket, connections that haproxy keeps open,
// WebSockets and health checks. See docs/run/proxies.md.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  workers: 2,

  // The permissions of the socket say who may connect, so haproxy is trusted. Over TCP it is trusted at
  // 127.0.0.1 and ::1; put another address into forwarded_allow_ips.
  bind: 'unix:/run/shop/http.sock',
  umask: 0o007,

  // haproxy closes a connection that it has not needed for some seconds (pool-purge-delay).
  keepalive: 75,

  // The path that `option httpchk` of haproxy asks for. It fails for `drain_delay` seconds before a stop.
  health_check: '/health',
  drain_delay: 5,

  accesslog: '-',
  access_log_format: 'json',
})
