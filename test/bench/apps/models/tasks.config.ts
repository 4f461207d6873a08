// The model of MODEL in one process beside the workers of app.ts.

const { MODEL = '' } = process.env
const modules: Readonly<Record<string, string>> = {
  ocr: '../../../../config-examples/ocr/ocr.task.ts',
  embed: '../../../../config-examples/embeddings/embed.task.ts',
}

export default { tasks: { [MODEL]: { module: modules[MODEL], processes: 1 } } }
