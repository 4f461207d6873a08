// Measures how many small random changes of the sources the unit tests catch.
//
//   npm run test:mutation -- arbiter serving --count 100 --seed 1
//   npm run test:mutation -- arbiter/pool --list               print the mutants, run nothing
//   npm run test:mutation -- --file src/arbiter/pool/plan.ts   try every mutant of one file
//
// The folders are those of src; the default is all of src. `--count` (100) mutation points are drawn from
// them with `--seed` (1), from each file in proportion to its points. A point is an operator, a boolean,
// a number, `Math.min` or `Math.max`, a statement that only calls a function, a returned condition, or the
// arms of a `? :`; see points.ts. Each mutant is applied in a temporary copy of the repository, in two copies
// at a time. The unit test files that import the changed file run one after the other, nearest first, until
// one fails. A test file that exceeds its time limit has failed. Types are not checked.
//
// Each mutant that no test catches is printed: `file:line`, the code before and after. The last lines are the
// figures of each folder. A survivor means that a test is missing or that the change makes no difference. The
// exit code is 0 whatever the figures are, and 1 if the measurement cannot run.

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { RepositoryCopy, type Mutant, type NormalTimes } from './copy.ts'
import { drawEvenly, seededRandom } from './draw.ts'
import { mutate, mutationPoints } from './points.ts'
import { importGraph, testsFor } from './selection.ts'

const repository = resolve(import.meta.dirname, '../..')
const runsAtATime = 2

/** One mutant and the test file that caught it; undefined if the mutant survived. */
interface Result {
  readonly mutant: Mutant
  readonly caughtBy: string | undefined
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
    file: { type: 'string' },
  },
})

// `--list | head` closes the pipe.
process.stdout.on('error', () => process.exit(0))

const points = sourceFiles().flatMap((file) => mutationPoints(file, read(file)))
if (points.length === 0) throw new Error('the given folders or file have no mutation points')
const everyMutant = points.flatMap((point) =>
  point.replacements.map((replacement) => ({ point, replacement })),
)
if (options.list) {
  for (const mutant of everyMutant) print(mutant)
} else {
  const chosen = options.file === undefined ? drawnMutants() : everyMutant
  process.stdout.write(`${chosen.length} mutants; ${points.length} mutation points\n`)
  printFigures(await tryAll(chosen))
}

function sourceFiles(): readonly string[] {
  if (options.file !== undefined) return [relative(repository, resolve(options.file))]
  const folders = positionals.length === 0 ? ['.'] : positionals.map((folder) => folder.replace(/^src\//, ''))
  const files = folders.flatMap((folder) => typescriptIn(join('src', folder)))
  return [...new Set(files)].sort()
}

/** One mutant of each drawn point. */
function drawnMutants(): readonly Mutant[] {
  const random = seededRandom(wholeNumber('seed', options.seed))
  return drawEvenly(points, wholeNumber('count', options.count), random).map((point) => {
    const replacement = point.replacements[Math.floor(random() * point.replacements.length)]
    return { point, replacement: replacement ?? '' }
  })
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${option} must be a whole number from 1`)
  return value
}

/** Tries each mutant, and prints survivors as they are found. */
async function tryAll(chosen: readonly Mutant[]): Promise<readonly Result[]> {
  const files = [...typescriptIn('src'), ...typescriptIn('test')]
  const graph = importGraph(new Map(files.map((file) => [file, read(file)])))
  const normalTimes: NormalTimes = new Map()
  const queue = chosen.values()
  const results: Result[] = []
  const work = async (copy: RepositoryCopy): Promise<void> => {
    for (const mutant of queue) {
      const tests = testsFor(mutant.point.file, graph)
      const caughtBy = await copy.firstFailure(mutant, tests)
      if (caughtBy === undefined) print(mutant, tests.length === 0 ? ' (no unit test imports it)' : '')
      results.push({ mutant, caughtBy })
    }
  }
  const copies = Array.from({ length: runsAtATime }, () => new RepositoryCopy(repository, normalTimes))
  process.once('exit', () => copies.forEach((copy) => copy.remove()))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  await Promise.all(copies.map(work))
  await warnOfFailingTests(normalTimes)
  return results
}

async function warnOfFailingTests(normalTimes: NormalTimes): Promise<void> {
  for (const [test, time] of normalTimes) {
    if ((await time) === undefined)
      process.stderr.write(`not used, because it fails without a mutant: ${test}\n`)
  }
}

function print({ point, replacement }: Mutant, note = ''): void {
  const text = read(point.file)
  const before = linesAround(text, point.start, point.end)
  const after = linesAround(mutate(text, point, replacement), point.start, point.start + replacement.length)
  process.stdout.write(`${point.file}:${point.line}${note}\n  - ${before}\n  + ${after}\n`)
}

/** Returns the lines from one offset to another, as one. */
function linesAround(text: string, start: number, end: number): string {
  const next = text.indexOf('\n', end)
  const lines = text.slice(text.lastIndexOf('\n', start - 1) + 1, next === -1 ? undefined : next)
  return lines.trim().replace(/\s*\n\s*/g, ' ')
}

function printFigures(results: readonly Result[]): void {
  const folders = new Map<string, Result[]>()
  for (const result of results) {
    const folder = dirname(result.mutant.point.file)
    folders.set(folder, [...(folders.get(folder) ?? []), result])
  }
  const rows = [...folders].sort(([a], [b]) => a.localeCompare(b))
  process.stdout.write('\n')
  for (const [folder, ofFolder] of [...rows, ['all', results] as const]) {
    const caught = ofFolder.filter(({ caughtBy }) => caughtBy !== undefined).length
    process.stdout.write(`${folder.padEnd(32)} ${caught} of ${ofFolder.length} caught\n`)
  }
}

/** Returns the TypeScript files in a folder, relative to the repository. */
function typescriptIn(folder: string): readonly string[] {
  const path = join(repository, folder)
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${folder} is not a folder`)
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.includes('node_modules'))
    .map((file) => join(folder, file))
}

function read(file: string): string {
  return readFileSync(join(repository, file), 'utf8')
}
