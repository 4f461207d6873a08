// For a container with a read-only root file system: only /tmp is written to.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  bind: '0.0.0.0:8000',
  workers: 'auto', // the CPU limit of the container, rounded up
  health_check: '/ready',
  graceful_timeout: 20,
  accesslog: '-', // all logs to standard output and error, each line an object
  access_log_format: 'json',
  log_format: 'json',
  control_socket: '/tmp/tsgun.sock', // docker exec shop node_modules/.bin/tsgunctl status
})
