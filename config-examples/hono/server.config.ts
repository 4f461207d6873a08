// A Hono app in TypeScript: an object with fetch(request).
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
  access_log_format: 'json',
})
