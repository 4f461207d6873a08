// An Express app in TypeScript: tsgun -c config-examples/express/server.config.ts
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
})
