// One request at a time in each worker, for code that cannot work on two. Responses can be read at leisure
// behind a proxy such as nginx, which also keeps slow clients away from the workers.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  worker_class: 'sync',
  workers: 2,
  timeout: 30, // also for a whole request
  accesslog: '-',
})
