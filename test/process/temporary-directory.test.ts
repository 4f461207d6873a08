// The directory of compiled code (TMPDIR) that others clean, or that no longer exists.

import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

const files = {
  'app.ts': `export default (req: unknown, res: { end(text: string): void }) => res.end('ok')\n`,
  'server.config.ts': `export default { app: './app.ts', bind: '127.0.0.1:0' }\n`,
}

test('a reload makes the directory of compiled code again, and without TMPDIR fails in one line', async (t) => {
  const project = createProject(t, files)
  const server = await startServer(project)
  for (const name of readdirSync(project.path('tmp')))
    rmSync(project.path(`tmp/${name}`), { recursive: true })
  server.signal('SIGHUP')
  await server.says(/reload done/)
  rmSync(project.path('tmp'), { recursive: true })
  server.signal('SIGHUP')
  await server.says(
    /reload failed, .*: environment: TMPDIR: expected a directory .*tmp": it does not exist$/m,
  )
  mkdirSync(project.path('tmp'))
  server.signal('SIGHUP')
  await server.says(/reload done/, 2)
  assert.equal((await ask(server.url)).status, 200)
  await server.stop()
})
