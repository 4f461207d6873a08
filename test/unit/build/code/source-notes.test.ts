// What `tsgun build` says about paths that the code of the user finds while it runs.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { notesOf } from '../../../../src/build/code/notes.ts'
import { sourceNotes } from '../../../../src/build/code/source-notes.ts'

const file = '/shop/src/app.ts'

async function linesFor(source: string, included: readonly string[] = []): Promise<readonly string[]> {
  const notes = (await sourceNotes(source, file, 'ts')).map((note) => ({ ...note, file }))
  const isIncluded = (path: string): boolean => included.includes(path)
  return notesOf({ notes, warnings: [], lacking: [], missing: [], root: '/shop', isIncluded })
}

test('each path beside a module is named with its line and what to add', async () => {
  const source = `
    interface Page { readonly html: string }
    const html = readFileSync(new URL('./page.html', import.meta.url), 'utf8')
    const views = join(import.meta.dirname, 'views')
    const all = path.resolve(__dirname, '../assets')
    const later = import.meta.dirname
  `
  assert.deepEqual(await linesFor(source), [
    'src/app.ts:3: new URL("./page.html", import.meta.url)\n    a path beside the module; ' +
      'add the file or folder: --include src/page.html',
    'src/app.ts:4: join(import.meta.dirname, "views")\n    a path beside the module; ' +
      'add the file or folder: --include src/views',
    'src/app.ts:5: path.resolve(__dirname, "../assets")\n    a path beside the module; ' +
      'add the file or folder: --include assets',
    'src/app.ts:6: import.meta.dirname\n    a path beside the module; add the file or folder with --include',
  ])
})

test('threads, processes and what is required at run time are named once each', async () => {
  const source = `
    import { fork } from 'node:child_process'
    const thread = new Worker(new URL('./thread.js', import.meta.url))
    const child = fork(join(import.meta.dirname, 'child.js'))
    const require = createRequire(import.meta.url)
    const own = new Worker(name)
  `
  const found = await linesFor(source)
  assert.deepEqual(
    found.map((line) => line.replace(/;.*?(?= with --include$|: --include|$)/, ' …')),
    [
      'src/app.ts:3: new Worker(new URL("./thread.js", import.meta.url)\n    a thread that is started by the ' +
        'path of its file …: --include src/thread.js',
      'src/app.ts:4: fork(join(import.meta.dirname, "child.js")\n    a process that is started by the path of ' +
        'its file …: --include src/child.js',
      'src/app.ts:5: createRequire(import.meta.url)\n    what it requires is not bundled … with --include',
      'src/app.ts:6: new Worker(name)\n    a thread that is started by the path of its file … with --include',
    ],
  )
})

test('nothing is said about what is included, in a comment, or only the name of the module itself', async () => {
  const source = `
    // new Worker(new URL('./gone.js', import.meta.url))
    const page = new URL('./page.html', import.meta.url)
    const __filename = fileURLToPath(import.meta.url)
    const __dirname = dirname(__filename)
    export default { chdir: import.meta.dirname }
    if (fileURLToPath(import.meta.url) === process.argv[1]) start()
    if (process.argv[1] === import.meta.filename) start()
    cluster.fork()
  `
  assert.deepEqual(await linesFor(source, [join('/shop/src/page.html')]), [])
})

test('a file that does not compile is left to the compiler', async () => {
  assert.deepEqual(await sourceNotes('const = import.meta.url', file, 'ts'), [])
})
