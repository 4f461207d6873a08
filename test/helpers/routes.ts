// The app and config of many process tests: an app whose requests can be slow, stuck or endless, and hooks
// that write a trace.

import { readFileSync } from 'node:fs'
import type { Project } from './tsgun.ts'

/**
 * `/` and `/pid` return the worker's pid, `/nr` its slot, `/slow/MS` waits for MS, `/block/MS` computes for
 * MS, `/hang` never responds.
 */
export const routesApp = `const routes = {
  pid: () => String(process.pid),
  nr: () => process.env.TSGUN_WORKER_NR,
  slow: (ms) => new Promise((resolve) => setTimeout(resolve, Number(ms), 'slow')),
  block: (ms) => { const end = Date.now() + Number(ms); while (Date.now() < end); return 'block' },
  hang: () => { console.log('hanging'); return new Promise(() => {}) },
}
export default async (req, res) => {
  const [, name, value] = req.url.split('/')
  res.end(await (routes[name] ?? routes.pid)(value))
}
`

const traced = [
  'on_starting',
  'when_ready',
  'workers_ready',
  'nworkers_changed',
  'on_reload',
  'on_stopping',
  'child_exit',
  'on_exit',
  'post_worker_init',
  'worker_int',
  'worker_abort',
  'worker_exit',
]

/** A config with hooks that write their names to trace.txt. `text` is more properties. */
export function tracingConfig(text: string): string {
  const hooks = traced.map((name) => `${name}: () => appendFileSync('trace.txt', '${name}\\n')`).join(',\n  ')
  return (
    `import { appendFileSync } from 'node:fs'\nexport default { app: './app.js', bind: ` +
    `'127.0.0.1:0',\n  ${hooks},\n  ${text} }\n`
  )
}

/** Returns the names that the hooks of `tracingConfig` have written so far. */
export function trace(project: Project): string[] {
  return readFileSync(project.path('trace.txt'), 'utf8').trim().split('\n')
}

/** Returns how often a pattern occurs in a text. */
export function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(new RegExp(pattern.source, `${pattern.flags}g`))].length
}
