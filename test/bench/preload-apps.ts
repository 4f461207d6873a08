// The servers of the benchmark of preload(): a table or a model of 256 MB that all workers share, one that
// each loads itself, and none.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installOnnxruntime, preloadModel } from '../helpers/onnxruntime.ts'
import { repository } from '../helpers/tsgun.ts'
import { startTsgun, temporaryFile, type Server } from './servers.ts'

export const workers = 4

/** The workers of the start read all of the data before they serve; a replacement only maps it. */
const isFirst = `Number(process.env.TSGUN_WORKER_AGE) <= ${workers}`

/** Loads the model, and prints how many milliseconds that takes. */
const session = (path: string, options: string): string => `
import { InferenceSession, Tensor } from 'onnxruntime-node'
export async function startup() {
  const begun = performance.now()
  const session = await InferenceSession.create(${path}, {
    intraOpNumThreads: 1,
    graphOptimizationLevel: 'disabled',
    extra: { session: { load_model_format: 'ORT', ${options} } },
  })
  console.log('loaded in ' + (performance.now() - begun) + ' ms')
  const features = new Tensor('float32', new Float32Array(1024), [1, 1024])
  if (${isFirst}) await session.run({ features })
}
export default (req, res) => res.end()\n`

const apps = {
  'table.js': `import { shared } from 'tsgun'
export const preload = () => new Float32Array(64 * 1024 * 1024).fill(1)
let table
export function startup() {
  table = shared()
  if (!(${isFirst})) return
  for (let at = 0; at < table.length; at += 1024) if (table[at] !== 1) throw new Error('wrong')
}
export default (req, res) => res.end(String(table[5]))\n`,
  'own-table.js': `const table = new Float32Array(64 * 1024 * 1024).fill(1)
export default (req, res) => res.end(String(table[5]))\n`,
  'model.js': `import { shared } from 'tsgun'
export const preload = (ctx) => ctx.file('encoder.ort')
${session(
  'shared().path',
  `use_memory_mapped_ort_model: '1', use_ort_model_bytes_for_initializers: '1', disable_prepacking: '1'`,
)}`,
  'own-model.js': session(`'encoder.ort'`, ''),
  'bare.js': `export default (req, res) => res.end()\n`,
} as const

export type App = keyof typeof apps

export interface AppServer extends Server {
  /** The log of the server, in JSON, and that of the app. */
  readonly errorLog: string
  readonly appLog: string
}

/** Writes the apps, what they import, and the model of the example. Returns their directory. */
export async function makeApps(): Promise<string> {
  const directory = temporaryFile('preload')
  const link = (name: string, target: string): void =>
    symlinkSync(target, join(directory, 'node_modules', name))
  mkdirSync(join(directory, 'node_modules'), { recursive: true })
  installOnnxruntime()
  link('onnxruntime-node', join(preloadModel, 'node_modules/onnxruntime-node'))
  link('tsgun', repository)
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  for (const [name, text] of Object.entries(apps)) writeFileSync(join(directory, name), text)
  process.env['ORT_DISABLE_TELEMETRY'] = '1'
  // Of the example, which the compiler of the tests does not see.
  const { makeModel } = (await import(join(preloadModel, 'make-model.ts'))) as {
    makeModel: (file: string) => Promise<void>
  }
  await makeModel(join(directory, 'encoder.ort'))
  return directory
}

export async function startApp(directory: string, app: App): Promise<AppServer> {
  const [errorLog, appLog] = [join(directory, `${app}.log`), join(directory, `${app}-app.log`)]
  const logs = ['--error-logfile', errorLog, '--app-logfile', appLog, '--log-format', 'json']
  const server = await startTsgun({ app: `./${app}`, workers, more: ['--chdir', directory, ...logs] })
  return { ...server, errorLog, appLog }
}
