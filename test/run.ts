// Runs the test files that are named on the command line, or those of the named folders, or all but the long
// ones of `soak` and `apps`, and exits with 1 if one failed. `-proxies.test.ts` leaves out what ends with it.

import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

const root = import.meta.dirname
const longFolders = ['soak', 'apps']
const given = process.argv.slice(2)
const words = given.filter((word) => !word.startsWith('-'))
const leftOut = given.filter((word) => word.startsWith('-')).map((word) => word.slice(1))
const named = words.filter((word) => word.endsWith('.test.ts')).map((word) => resolve(word))
const folders =
  words.length === 0
    ? [root]
    : words.filter((word) => !word.endsWith('.test.ts')).map((word) => join(root, word))
const found = folders.filter((folder) => statSync(folder).isDirectory()).flatMap(testFiles)

// Process tests start servers with several processes each: more files at a time only makes two cores slower.
const isLong = longFolders.some((folder) => words.includes(folder))
const stream = run({
  files: [...named, ...found].filter((file) => !leftOut.some((end) => file.endsWith(end))).sort(),
  concurrency: 3,
  timeout: isLong ? 3_600_000 : 1_200_000,
})
stream.on('test:fail', () => {
  process.exitCode = 1
})
const seconds = new Map<string, number>()
stream.on('test:complete', ({ file, nesting, details }) => {
  if (file !== undefined && nesting === 0)
    seconds.set(file, (seconds.get(file) ?? 0) + details.duration_ms / 1000)
})
stream.on('end', () => {
  const slowest = [...seconds].sort(([, one], [, other]) => other - one).slice(0, 15)
  const lines = slowest.map(([file, taken]) => `${taken.toFixed(0).padStart(5)} s  ${relative(root, file)}\n`)
  process.stdout.write(`\nThe files that took longest:\n${lines.join('')}`)
})
stream.compose<NodeJS.ReadWriteStream>(new spec()).pipe(process.stdout)

function testFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => file.endsWith('.test.ts') && !file.includes('fixtures/') && !file.includes('node_modules/'),
    )
    .map((file) => join(folder, file))
    .filter((file) =>
      longFolders.every((folder) => words.includes(folder) || !file.startsWith(join(root, folder))),
    )
}
