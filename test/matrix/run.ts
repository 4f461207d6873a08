// Runs the tests that start the real server on each Node.js line that tsgun supports: `npm run test:matrix`,
// or `npm run test:matrix -- 20 24` for some of them, or with `quick` only those that depend on Node.js most.
// The binaries come from npm (package.json beside this file); the test runner itself keeps the Node.js it was
// started with.

import { execFileSync, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { binaryOf, nodeLines } from './binaries.ts'

const words = process.argv.slice(2)
const asked = words.filter((word) => word !== 'quick')
/** Tests of other programs, packages and files, which say little about Node.js. */
const slow = [
  'programs',
  'balance',
  'proxies', // also http1-proxies and http2-proxies
  'real-apps',
  'release-homes',
  'releases',
  'acme',
  'websocket-libraries',
  'websocket-example',
  'connection-limits',
  'full-worker',
  'examples', // also task-examples
  'preload-model',
  'messages',
  'config',
  'cli',
  'migrate',
  'init',
  'doctor',
  'systemd',
  'systemd-units',
  'logrotate',
  'rotation',
  'log-paths',
  'container',
  'container-image',
  'task-chaos',
  'tls-renewal',
  'slot-sockets',
  'bind-reload',
  'daemon',
  'activation',
  'control',
  'documented-records',
  'autoload',
  'env-file',
  'global-install',
  'services',
  'schedules',
  'service-lock',
  'bus-servers',
  'http1-fuzz',
  'http2-fuzz',
  'http2-floods',
  'broken-release',
  'crash-loops',
]
const leftOut = words.includes('quick') ? slow.map((name) => `-${name}.test.ts`) : []
const unknown = asked.filter((line) => !nodeLines.includes(line))

if (unknown.length > 0) {
  process.stderr.write(
    `no Node.js ${unknown.join(', ')} in test/matrix/package.json; there are ${nodeLines.join(', ')}\n`,
  )
  process.exit(1)
}

const failed = (asked.length > 0 ? asked : nodeLines).filter((line) => !passesOn(line))
process.stdout.write(
  failed.length === 0 ? 'matrix: every line passed\n' : `matrix: failed on Node.js ${failed.join(', ')}\n`,
)
process.exitCode = failed.length === 0 ? 0 : 1

function passesOn(line: string): boolean {
  const binary = binaryOf(line)
  process.stdout.write(`\nmatrix: Node.js ${execFileSync(binary, ['--version'], { encoding: 'utf8' })}`)
  const { status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', resolve(import.meta.dirname, '../run.ts'), 'process', 'contract', ...leftOut],
    {
      stdio: 'inherit',
      env: { ...process.env, TSGUN_TEST_NODE: binary },
    },
  )
  return status === 0
}
