// Part of the build: joins the files of src to a few, which load fast. A file that a process starts at, or
// that is loaded by its path (`ownFiles` in src/os/own-code.ts), stays a file of its own. What is imported late
// becomes a chunk that is loaded late.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Paths in src, without extension. Entries of one list share their chunks. */
const programs = [
  // the commands and the master
  [
    'acme/main',
    'bus/broker/main',
    'cli/built',
    'cli/early-start',
    'cli/main',
    'cli/tsgunctl',
    'config/schema/write-schema',
    'os/process/spawn-intermediate',
    'server',
  ],
  // the workers, the threads, and what an app imports; modules/loader is for its tests
  [
    'bus/client/open',
    'contract/index',
    'index',
    'logging/records/logger',
    'modules/hooks/import-hooks',
    'modules/inherit/register',
    'modules/loader',
    'modules/metadata/thread',
    'worker/main',
    'worker/threads/thread',
    'worker/watchdog/thread',
  ],
]

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))

/**
 * Packages that are installed with tsgun. The others that src imports become a part of dist, because it takes
 * longer to find their many files than to run their code. So does the pino of the server's own records; the
 * one that is installed has the types, and serves apps outside of a server.
 */
const external = Object.keys(dependencies).filter((name) => name !== 'pino')

/** Packages that are CommonJS require modules of Node. */
const banner =
  "import { createRequire as createOwnRequire } from 'node:module'\n" +
  'const require = createOwnRequire(import.meta.url)'

const inputs = new Set()

for (const entries of programs) {
  const { metafile } = await build({
    entryPoints: entries.map((entry) => ({ in: `src/${entry}.ts`, out: entry })),
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external,
    banner: { js: banner },
    logLevel: 'warning',
    metafile: true,
  })
  for (const [path, output] of Object.entries(metafile.outputs)) checkOutput(path, output)
  for (const input of Object.keys(metafile.inputs)) inputs.add(input)
}

/** Where a single executable begins: one file of CommonJS, which Node embeds. */
await build({
  entryPoints: ['src/build/runtime/main.ts'],
  outfile: 'dist/build/executable-main.cjs',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
})

writeFileSync('dist/THIRD-PARTY-LICENSES.txt', licenses())

/** src/os/own-code.ts finds the package from where its code is: two folders below it. */
function checkOutput(path, output) {
  const hasPlace = 'src/os/own-code.ts' in output.inputs
  if (hasPlace && !path.startsWith('dist/chunks/'))
    throw new Error(`src/os/own-code.ts is a part of ${path}; expected it in dist/chunks`)
}

/** Of all packages whose code is a part of dist, as their licenses demand. */
function licenses() {
  const packages = [...inputs].flatMap(
    (input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? [],
  )
  return [...new Set(packages)]
    .sort()
    .map((name) => `${name}\n\n${licenseOf(join('node_modules', name))}`)
    .join('\n\n----\n\n')
}

function licenseOf(directory) {
  const names = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'COPYING']
  const path = names.map((name) => join(directory, name)).find((each) => existsSync(each))
  return path === undefined
    ? `License: ${JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).license}`
    : readFileSync(path, 'utf8').trim()
}
