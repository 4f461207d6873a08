// The smallest example: a request listener of node:http, and a config, both in JavaScript.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.js',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
})
