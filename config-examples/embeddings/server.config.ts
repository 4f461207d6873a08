// Sentence embeddings in batches: tsgun -c config-examples/embeddings/server.config.ts
//
//   curl -d 'the kettle is on' -H 'content-type: text/plain' http://127.0.0.1:8000/embed
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
  tasks: { embed: { module: './embed.task.ts', processes: 1, max_queue: 256, timeout: 30 } },
})
