// A Nest app from its TypeScript source: the project's own `typescript` compiles the files with decorators.
// After `tsc` the same app is './dist/main.js:createApp()'.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './src/main.ts:createApp()',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
})
