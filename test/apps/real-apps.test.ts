// Real apps as their generators make them, unedited: the start, ten reloads under strict clients, and the
// stop. Run by `npm run test:apps`, because each has to be installed and built.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { serveRealApp, type RealApp } from '../helpers/real-app.ts'
import { createProject, repository, type Project } from '../helpers/tsgun.ts'

interface MadeApp extends RealApp {
  /** Commands of a shell, run one after the other in an empty directory. They make `directory`. */
  readonly make: readonly string[]
}

/** As in Next's own instructions for an installation by hand; its generator needs fonts from the internet. */
const nextApp =
  `mkdir -p site/app && cd site && npm init --yes && npm install next@15 react@19 react-dom@19 && ` +
  `printf '%s' 'export default function Layout({ children }) { return ` +
  `<html><body>{children}</body></html> }' > app/layout.jsx && ` +
  `printf '%s' 'export const dynamic = "force-dynamic"; export default function Page() { return ` +
  `<h1>Next {process.pid}</h1> }' > app/page.jsx`

const apps: Readonly<Record<string, MadeApp>> = {
  'Express generator': {
    make: ['npx --yes express-generator@4 --no-view site', 'cd site && npm install'],
    directory: 'site',
    arguments: ['bin/www'],
    path: '/users',
    body: /respond with a resource/,
  },
  'nest new, built': {
    make: ['npx --yes @nestjs/cli@11 new site --skip-git --package-manager npm', 'cd site && npm run build'],
    directory: 'site',
    arguments: ['dist/main.js'],
    path: '/',
    body: /^Hello World!$/,
  },
  'nest new, from source': {
    make: ['npx --yes @nestjs/cli@11 new site --skip-git --package-manager npm'],
    directory: 'site',
    arguments: ['src/main.ts'],
    path: '/',
    body: /^Hello World!$/,
  },
  'a package of an npm workspace': {
    make: [
      `mkdir -p site/packages/api site/packages/lib && cd site && npm pack --ignore-scripts ${repository} && mv tsgun-*.tgz tsgun.tgz`,
      `cd site && printf '%s' '{ "private": true, "workspaces": ["packages/*"], "dependencies": ` +
        `{ "tsgun": "file:./tsgun.tgz" } }' > package.json`,
      `cd site/packages/lib && printf '%s' "export enum Word { Hello = 'hello of lib' }" > index.ts && ` +
        `printf '%s' '{ "name": "@site/lib", "version": "1.0.0", "type": "module", "exports": "./index.ts" }' ` +
        '> package.json',
      `cd site/packages/api && printf '%s' "import { Word } from '@site/lib'\nimport { log } from 'tsgun'\n` +
        `log.info('loaded')\nexport default (req: unknown, res: any) => res.end(Word.Hello)" > app.ts && ` +
        `printf '%s' '{ "name": "@site/api", "type": "module", "dependencies": { "@site/lib": "1.0.0" } }' ` +
        '> package.json',
      'cd site && npm install --no-audit --no-fund',
    ],
    directory: 'site/packages/api',
    bin: 'site/node_modules/tsgun/bin/tsgun.js',
    arguments: ['app.ts'],
    path: '/',
    body: /^hello of lib$/,
  },
  'Next, standalone': {
    make: [
      nextApp,
      `cd site && printf 'module.exports = { output: "standalone" }' > next.config.js && npx next build`,
    ],
    directory: 'site/.next/standalone',
    arguments: ['server.js'],
    path: '/',
    body: /<h1>Next/,
    environment: { NEXT_TELEMETRY_DISABLED: '1' },
  },
  'Next, custom server': {
    make: [
      nextApp,
      'cd site && npx next build',
      `cd site && printf '%s' "const { createServer } = require('http'); const next = require('next'); ` +
        'const app = next({ dev: false }); const handle = app.getRequestHandler(); ' +
        'app.prepare().then(() => createServer((req, res) => handle(req, res)).listen(process.env.PORT ' +
        `|| 3000, () => console.log('ready')))" > server.js`,
    ],
    directory: 'site',
    arguments: ['server.js'],
    path: '/',
    body: /<h1>Next/,
    environment: { NEXT_TELEMETRY_DISABLED: '1' },
  },
  'Nuxt, its output': {
    make: [
      'mkdir site && cd site && npm init --yes && npm install nuxt@4',
      `cd site && printf '<template><h1>Nuxt</h1></template>' > app.vue && npx nuxt build`,
    ],
    directory: 'site',
    arguments: ['.output/server/index.mjs'],
    path: '/',
    body: /<html/i,
    environment: { NUXT_TELEMETRY_DISABLED: '1' },
  },
  'SvelteKit, built for Node': {
    make: [
      'npx --yes sv@0.9 create site --template minimal --types ts --no-add-ons --no-install',
      'cd site && npm install && npm install --save-dev @sveltejs/adapter-node@5 && sed -i ' +
        `'s/adapter-auto/adapter-node/' svelte.config.js && npm run build`,
    ],
    directory: 'site',
    arguments: ['build/index.js'],
    path: '/',
    body: /Welcome to SvelteKit/,
  },
  'node-red embedded': {
    make: [
      'mkdir site && cd site && npm init --yes && npm install express@4 node-red@4',
      `cd site && printf '%s' "const http = require('http'), express = require('express'), RED = ` +
        `require('node-red'); const app = express(); const server = http.createServer(app); ` +
        `RED.init(server, { httpAdminRoot: '/red', httpNodeRoot: '/api', userDir: __dirname +
        '/data', ` +
        `logging: { console: { level: 'warn' } } }); app.use('/red', RED.httpAdmin); ` +
        `app.use('/api', ` +
        `RED.httpNode); app.get('/', (req, res) => res.send('beside node-red')); RED.start().then(() ` +
        '=> server.listen(8000))" > server.js',
    ],
    directory: 'site',
    arguments: ['server.js'],
    path: '/',
    body: /^beside node-red$/,
    workers: 1, // two of node-red in one directory of data race to make its files
  },
}

/** Longer than any of the commands took on a slow machine. */
const makeLimit = 900_000

function make(project: Project, { make, environment }: MadeApp): void {
  for (const command of make) {
    const { status, stdout, stderr, error } = spawnSync('sh', ['-c', command], {
      cwd: project.directory,
      env: { ...process.env, CI: '1', NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined, ...environment },
      encoding: 'utf8',
      timeout: makeLimit,
    })
    assert.equal(status, 0, `${command}\n${stdout}\n${stderr}\n${String(error)}`)
  }
}

for (const [name, app] of Object.entries(apps)) {
  test(`${name}: a first 200, ten reloads without a failed request, a clean stop`, async (t) => {
    const project = createProject(t)
    make(project, app)
    await serveRealApp(t, project, app)
  })
}
