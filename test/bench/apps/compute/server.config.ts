// The tasks that `npm run bench -- compute` measures.

const pool = (module: string): object => ({ module, processes: 1, max_queue: 256 })

export default {
  app: './app.ts',
  bind: '127.0.0.1:0',
  workers: 2,
  errorlog: null,
  applog: null,
  tasks: {
    echo: pool('./echo.task.ts'),
    ocr: pool('../../../../config-examples/ocr/ocr.task.ts'),
    embed: pool('../../../../config-examples/embeddings/embed.task.ts'),
    single: pool('./single.task.ts'),
  },
}
