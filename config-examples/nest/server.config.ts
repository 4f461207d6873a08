// A Nest app: a factory, because making one is asynchronous. The tsconfig.json beside it switches decorators on.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './main.ts:createApp()',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
})
