// A Nest app, exported by an async factory. The tsconfig.json beside it turns decorators on.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './main.ts:createApp()',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
})
