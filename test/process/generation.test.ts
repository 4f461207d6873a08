// "Same config in a generation": whatever happens to the files after the start, a worker that is replaced
// runs the same code as the first ones; a reload loads the current files.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'

interface Kind {
  readonly name: string
  /** The extension of the config and of its modules. */
  readonly extension: 'ts' | 'js'
  readonly type: 'module' | 'commonjs'
}

const kinds: readonly Kind[] = [
  { name: 'TypeScript in a project of type module', extension: 'ts', type: 'module' },
  { name: 'TypeScript in a project of type commonjs', extension: 'ts', type: 'commonjs' },
  { name: 'JavaScript in a project of type module', extension: 'js', type: 'module' },
  { name: 'JavaScript in a project of type commonjs', extension: 'js', type: 'commonjs' },
]

/** The files of one state, each of which names its state. */
function filesOf({ extension, type }: Kind, state: string): Record<string, string> {
  const typed = extension === 'ts' ? ': string' : ''
  const isRequired = extension === 'js' && type === 'commonjs'
  const importOf = (what: string, from: string): string =>
    isRequired ? `const { ${what} } = require('${from}')` : `import { ${what} } from '${from}'`
  const exportOf = (what: string, value: string): string =>
    isRequired ? `exports.${what} = ${value}` : `export const ${what} = ${value}`
  const hook = (file: string): string =>
    `() => { const label${typed} = '${file} ${state}'; process.env.TOLD = (process.env.TOLD ?? '') +
        ' ` + `' + label }`
  const config = `{ app: './app.mjs', bind: '127.0.0.1:0', hooks: './script.${extension}', env: { FROM_CONFIG: '${state}', FROM_LOCAL: local },
    post_fork: ${hook('config')} }`
  return {
    [`local.${extension}`]: `${exportOf('local', `'${state}'`)}\n`,
    [`script.${extension}`]: `${exportOf('post_worker_init', hook('script'))}\n`,
    [`server.config.${extension}`]: `${importOf('local', `./local.${extension}`)}\n${isRequired ? 'module.exports =' : 'export default'} ${config}\n`,
  }
}

const fixed = (type: Kind['type']): Record<string, string> => ({
  'package.json': `{ "type": "${type}" }\n`,
  'app.mjs':
    'export default (req, res) => res.end([process.env.FROM_CONFIG, process.env.FROM_LOCAL, ' +
    `process.env.TOLD].join(','))\n`,
})

const answerOf = (state: string): string => `${state},${state}, config ${state} script ${state}`

/** Kills the worker and returns the response of its replacement. */
async function afterReplacement(server: RunningServer): Promise<string> {
  const ready = [...server.stderr.matchAll(/\(pid (\d+)\) is ready after/g)]
  killProcess(Number(ready.at(-1)?.[1]), 'SIGKILL')
  await server.says(/is ready after/, ready.length + 1)
  return (await ask(server.url)).body
}

async function started(
  t: TestContext,
  kind: Kind,
): Promise<{ readonly project: Project; readonly server: RunningServer }> {
  const project = createProject(t, { ...fixed(kind.type), ...filesOf(kind, 'old') })
  const server = await startServer(project)
  assert.equal((await ask(server.url)).body, answerOf('old'))
  return { project, server }
}

function writeAll(project: Project, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) project.write(file, text)
}

for (const kind of kinds) {
  test(`a worker replaced after an edit of config, local module and hook script runs the old ones until a reload: ${kind.name}`, async (t) => {
    const { project, server } = await started(t, kind)
    writeAll(project, filesOf(kind, 'new'))
    assert.equal(await afterReplacement(server), answerOf('old'), server.report())
    server.signal('SIGHUP')
    await server.says(/reload done: generation 2/)
    assert.equal((await ask(server.url)).body, answerOf('new'))
    writeAll(project, filesOf(kind, 'newest'))
    assert.equal(await afterReplacement(server), answerOf('new'), server.report())
    await server.stop()
  })

  test(`a worker replaced after its files were broken, then deleted, runs the old ones, also after a failed reload: ${kind.name}`, async (t) => {
    const { project, server } = await started(t, kind)
    const names = Object.keys(filesOf(kind, 'old'))
    for (const name of names) project.write(name, '{ this is no code')
    assert.equal(await afterReplacement(server), answerOf('old'), server.report())
    server.signal('SIGHUP')
    await server.says(/reload failed, the old generation keeps serving/)
    assert.equal(await afterReplacement(server), answerOf('old'), server.report())
    for (const name of names) rmSync(project.path(name))
    assert.equal(await afterReplacement(server), answerOf('old'), server.report())
    writeAll(project, filesOf(kind, 'new'))
    server.signal('SIGHUP')
    await server.says(/reload done/)
    assert.equal((await ask(server.url)).body, answerOf('new'))
    await server.stop()
  })
}

test('a worker that TTIN adds after an edit runs the old config too', async (t) => {
  const kind = { name: '', extension: 'ts', type: 'module' } as const
  const { project, server } = await started(t, kind)
  writeAll(project, filesOf(kind, 'new'))
  server.signal('SIGTTIN')
  await server.says(/is ready after/, 2)
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(server.url)))
  assert.deepEqual(new Set(answers.map(({ body }) => body)), new Set([answerOf('old')]))
  await server.stop()
})
