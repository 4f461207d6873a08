// A Fastify app in TypeScript. It has no listen(): tsgun boots it with ready() and serves it.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
})
