// Text from images, beside the requests: tsgun -c config-examples/ocr/server.config.ts
//
//   curl --data-binary @invoice.png -H 'content-type: image/png' http://127.0.0.1:8000/ocr
//   curl -N --data-binary @invoice.png -H 'content-type: image/png' http://127.0.0.1:8000/ocr/progress
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
  limit_request_body: '10M',
  tasks: {
    // A process per core that the images may use; more images wait, and are refused from 64 on (503).
    ocr: { module: './ocr.task.ts', processes: 1, max_queue: 64, timeout: 60 },
  },
})
