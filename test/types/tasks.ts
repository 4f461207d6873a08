// Tasks: from the module of a task to its calls. Compiled by test/package/types.test.ts, never run.

import { defineTask, task, TaskError, type Task, type TaskErrorCode } from 'tsgun'

interface Model {
  read(image: Buffer): string
}

const ocr = defineTask({
  load: async ({ cpus, nr, name, log }): Promise<Model> => {
    log.info({ cpus, nr, name })
    return { read: (image) => image.toString() }
  },
  async run(image: Buffer, { model, signal, progress, id }) {
    signal.throwIfAborted()
    await progress({ any: id })
    return { text: model.read(image), pages: 1 }
  },
  unload: (model) => void model.read(Buffer.alloc(0)),
})

interface Step {
  readonly page: number
}

const stepped = defineTask<{ pages: number }, string, Step, Model>({
  load: () => ({ read: String }),
  async run({ pages }, { progress }) {
    for (let page = 0; page < pages; page += 1) await progress({ page })
    // @ts-expect-error -- progress is a Step
    await progress({ pages })
    return 'done'
  },
})

const embed = defineTask({
  load: () => new Float32Array(8),
  batch: {
    max: 32,
    max_wait: 10,
    async run(texts: readonly string[], { model, signals, ids }) {
      return texts.map((text, index) =>
        signals[index]?.aborted ? new Error(ids[index]) : model.map((x) => x * text.length),
      )
    },
  },
})

const plain = { run: (input: number) => input + 1 }
const withoutInput = defineTask({ run: () => 5 })

/** As `typeof import('./ocr.task.ts')`. */
interface Of<Definition> {
  readonly default: Definition
}

export async function calls(signal: AbortSignal): Promise<void> {
  const read: Task<Buffer, { text: string; pages: number }> = task<Of<typeof ocr>>('ocr')
  const { text, pages }: { text: string; pages: number } = await read.run(Buffer.alloc(1), {
    signal,
    timeout: 500,
    priority: 'high',
  })
  console.log(text, pages)
  // @ts-expect-error -- the input is a Buffer
  await task<Of<typeof ocr>>('ocr').run('text')
  // @ts-expect-error -- the input is missing
  await task<Of<typeof ocr>>('ocr').run()
  // @ts-expect-error -- there is no such priority
  await task<Of<typeof ocr>>('ocr').run(Buffer.alloc(1), { priority: 'urgent' })

  const steps = task<Of<typeof stepped>>('stepped')
  const done: string = await steps.run(
    { pages: 2 },
    { onProgress: ({ page }) => console.log(page.toFixed()) },
  )
  const stream = steps.stream({ pages: 2 })
  for await (const { page } of stream) console.log(page.toFixed(), done)
  const last = await stream.next()
  if (last.done) console.log(last.value.length)

  const vector: Float32Array = await task<Of<typeof embed>>('embed').run('text')
  const sum: number = await task<Of<typeof plain>>('plain').run(1)
  const compiled: number = await task<Of<Of<typeof plain>>>('plain').run(1)
  const five: number = await task<Of<typeof withoutInput>>('five').run()
  const unknown: unknown = await task('any').run(vector, {})
  console.log(vector, sum, compiled, five, unknown)
}

export function statusOf(error: unknown): number {
  if (!(error instanceof TaskError)) return 500
  const code: TaskErrorCode = error.code
  const seconds: number | undefined = error.retryAfter
  console.log(code, seconds, error.task)
  return error.status
}

// @ts-expect-error -- a batch has a max
defineTask({ batch: { run: async (inputs: readonly string[]) => inputs.map(() => 1) } })
