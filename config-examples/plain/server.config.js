// The least there is: a request listener of node:http in JavaScript, and a config in JavaScript too.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.js',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
})
