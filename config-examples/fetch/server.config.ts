// A plain object with fetch(request), without any framework.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
})
