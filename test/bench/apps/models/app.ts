// Models in the processes of the app, or in tasks, for the comparison of the worker classes. MODEL says which
// of them.

import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { task } from 'tsgun'
import embed from '../../../../config-examples/embeddings/embed.task.ts'
import ocr from '../../../../config-examples/ocr/ocr.task.ts'

const image = readFileSync(join(import.meta.dirname, '../../../../config-examples/ocr/invoice.png'))
const sentence = 'the kettle is on'

/** What each model computes in this process. These tasks do not use the rest of their context. */
const models: Readonly<Record<string, () => Promise<() => unknown>>> = {
  async ocr() {
    const model = await ocr.load?.({} as never)
    return () => ocr.run?.(image, { model, progress: () => undefined } as never)
  },
  async embed() {
    const model = await embed.load?.({} as never)
    return () => embed.batch?.run([sentence], { model } as never)
  },
}

const { MODEL = '', IN_TASK } = process.env
const input = MODEL === 'ocr' ? image : sentence
const compute = IN_TASK ? () => task(MODEL).run(input) : await models[MODEL]?.()

export default async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.url === '/long') await compute?.()
  response.end('done')
}
