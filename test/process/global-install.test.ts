// A tsgun that is not installed in the project, but globally, or run by npx: configs and apps import it all
// the same.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

const settings = `bind: '127.0.0.1:0', workers: 1, post_fork(server, worker) { console.log('forked', worker.nr) }`
const config = `import { defineConfig } from 'tsgun'\nexport default defineConfig({ app: './app.EXT', ${settings} })\n`
const module = `import { log } from 'tsgun'\nlog.info('loaded')\nexport default (req, res) => res.end('served')\n`

const projects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  TypeScript: { 'server.config.ts': config.replace('EXT', 'ts'), 'app.ts': module },
  'ES modules': { 'server.config.mjs': config.replace('EXT', 'mjs'), 'app.mjs': module },
  CommonJS: {
    'package.json': '{}',
    'server.config.cjs': `const { defineConfig } = require('tsgun')\nmodule.exports = defineConfig({ app: './app.cjs', ${settings} })\n`,
    'app.cjs': `const { log } = require('tsgun')\nlog.info('loaded')\nmodule.exports = (req, res) => res.end('served')\n`,
  },
}

for (const [name, files] of Object.entries(projects))
  test(`${name} imports a tsgun that is installed elsewhere`, async (t) => {
    const project = createProject(t, files)
    rmSync(project.path('node_modules/tsgun'))
    const server = await startServer(project)
    assert.equal((await ask(server.url)).body, 'served')
    await server.says(/forked 0/)
    assert.match(server.stdout, /loaded/)
    const [pid = 0] = server.workerPids
    killProcess(pid)
    await server.says(/is ready after/, 2)
    assert.equal((await ask(server.url)).body, 'served', 'in a worker that is put back')
    await server.stop()
    assert.doesNotMatch(server.stderr, /Warning/)
  })
