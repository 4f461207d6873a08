// The app of `npm run bench -- compute`: each path calls a task.

import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { task } from 'tsgun'

const image = readFileSync(join(import.meta.dirname, '../../../../config-examples/ocr/invoice.png'))
const ocr = task('ocr')
const echo = task('echo')
const embed = task('embed')
const single = task('single')
const input = Buffer.alloc(500_000, 7)

/** Calls the task `calls` times from each of the callers. Returns the median time, and calls per second. */
async function measure(callers: number, calls: number): Promise<object> {
  const times: number[] = []
  const began = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let call = 0; call < calls; call += 1) {
        const start = performance.now()
        await echo.run(input)
        times.push(performance.now() - start)
      }
    }),
  )
  const perSecond = (times.length * 1000) / (performance.now() - began)
  return { p50: times.sort((one, other) => one - other)[Math.floor(times.length / 2)], perSecond }
}

const paths: Readonly<Record<string, () => unknown>> = {
  '/health': () => 'ok',
  '/ocr': () => ocr.run(image),
  '/embed': async () => String(((await embed.run('the kettle is on')) as Float32Array).length),
  '/single': async () => String(((await single.run('the kettle is on')) as Float32Array).length),
  '/one-caller': () => measure(1, 500),
  '/four-callers': () => measure(4, 500),
}

export default async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const output = await paths[request.url ?? '']?.()
  response.end(typeof output === 'string' ? output : JSON.stringify(output))
}
