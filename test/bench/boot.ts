// How long the second and every later worker of an app of 300 local TypeScript modules takes to boot, beside
// the same app compiled to JavaScript beforehand. Both run under tsgun, and the times are those of its own
// log.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { transformSync } from 'esbuild'
import { childrenOf } from '../helpers/processes.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { startTsgun, temporaryFile } from './servers.ts'

const modules = 300
const rounds = 15

export async function laterWorkers(): Promise<Row[]> {
  const directory = temporaryFile('boot')
  return [await row(directory, 'module'), await row(directory, 'commonjs')]
}

async function row(directory: string, type: 'module' | 'commonjs'): Promise<Row> {
  writeApp(join(directory, type), type)
  const errorlog = { ts: join(directory, `${type}-ts.log`), js: join(directory, `${type}-js.log`) }
  const start = (kind: 'ts' | 'js'): ReturnType<typeof startTsgun> =>
    startTsgun({
      app: `./m0.${kind}:app`,
      workers: 1,
      more: [
        '--chdir',
        join(directory, type, kind),
        '--error-logfile',
        errorlog[kind],
        '--log-format',
        'json',
      ],
    })
  const [ts, js] = [await start('ts'), await start('js')]
  try {
    const measured = await inTurns(rounds, {
      tsgun: () => nextBoot(ts.pid, errorlog.ts),
      other: () => nextBoot(js.pid, errorlog.js),
    })
    const facts = {
      name: `boot of a later worker, ${modules} TypeScript modules (${type})`,
      unit: 'ms',
      goal: '1.5 or less',
    }
    return rowOf({ ...facts, baseline: 'the same app as JavaScript, under tsgun' }, measured)
  } finally {
    await Promise.all([ts.stop(), js.stop()])
  }
}

/**
 * Kills the worker and returns the milliseconds from spawn to ready that the log has for its replacement.
 */
async function nextBoot(master: number, log: string): Promise<number> {
  const boots = (): RegExpStringIterator<RegExpExecArray> =>
    readFileSync(log, 'utf8').matchAll(/"event":"worker_ready".*?"duration_ms":(\d+)/g)
  const before = [...boots()].length
  // a worker that ends sooner after it became ready counts as a failure, and is replaced later
  await delay(1100)
  for (const pid of childrenOf(master)) process.kill(pid, 'SIGKILL')
  for (;;) {
    const latest = [...boots()][before]
    if (latest) return Number(latest[1])
    await delay(20)
  }
}

/** A tree of modules with classes, enums and functions, as TypeScript and as JavaScript. */
function writeApp(directory: string, type: 'module' | 'commonjs'): void {
  for (const kind of ['ts', 'js']) {
    mkdirSync(join(directory, kind), { recursive: true })
    writeFileSync(join(directory, kind, 'package.json'), JSON.stringify({ type }))
  }
  for (let nr = 0; nr < modules; nr += 1) {
    const text = moduleText(nr)
    writeFileSync(join(directory, 'ts', `m${nr}.ts`), text)
    writeFileSync(
      join(directory, 'js', `m${nr}.js`),
      transformSync(text, { loader: 'ts', format: type === 'module' ? 'esm' : 'cjs' }).code,
    )
  }
}

function moduleText(nr: number): string {
  const imported = [2 * nr + 1, 2 * nr + 2].filter((each) => each < modules)
  const functions = Array.from({ length: 12 }, (_, k) => {
    return (
      `export function helper${k}(a: string, b: number = ${k}): string {\n  return b > ${k} ? ` +
      `a.repeat(b) : [a, String(b), '${nr}'].join('-')\n}\n`
    )
  })
  return `${imported.map((each) => `import { value as value${each} } from './m${each}.js'`).join('\n')}
import type { RequestListener } from 'node:http'
interface Options { readonly name: string; readonly size?: number }
export enum Level { Low, Mid, High }
export class Service {
  readonly #items = new Map<string, Options>()
  add(options: Options): this { this.#items.set(options.name, options); return this }
  level(n: number): Level { return n > 10 ? Level.High : n > 5 ? Level.Mid : Level.Low }
}
${functions.join('')}
export const value: number = ${[nr, ...imported.map((each) => `value${each}`)].join(' + ')}
export const app: RequestListener = (request, response) => response.end(String(value))
`
}
