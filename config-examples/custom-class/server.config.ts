// A worker class of one's own: see lanes.ts.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  worker_class: './lanes.ts',
  workers: 2,
  accesslog: '-',
})
