// One process with several event loops: less memory than as many workers.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  worker_class: 'threads',
  workers: 2,
  threads: 2,
  accesslog: '-',

  post_worker_init(worker) {
    console.log(`thread ${worker.thread} of worker ${worker.nr} is about to serve`)
  },
})
