// A model of 256 MB in onnxruntime that all processes share: tsgun -c config-examples/preload-model/server.config.ts
//
//   npm install --ignore-scripts       # in this folder: without its script, which downloads CUDA
//   curl -d 'the kettle is on' http://127.0.0.1:8000/
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  chdir: import.meta.dirname,
  workers: 2,
  accesslog: '-',
  preload: './model.ts',
  boot_timeout: 120, // the first start makes the model
  env: { ORT_DISABLE_TELEMETRY: '1' }, // onnxruntime sends usage data to its maker
  // onnxruntime blocks the event loop while it computes, so it runs in processes beside the workers.
  tasks: { encode: { module: './encode.task.ts', processes: 3, max_queue: 64, timeout: 30 } },
})
