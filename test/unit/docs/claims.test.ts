// What the pages claim, where a table of the source or the page itself can tell whether it is so.

import assert from 'node:assert/strict'
import { extname } from 'node:path'
import { test } from 'node:test'
import { configNames } from '../../../src/config/sources/find-config.ts'
import { createCommand } from '../../../src/config/sources/flags.ts'
import { codeBlocks, markdownPages } from '../../docs/markdown.ts'

const pages = markdownPages()
const blocks = pages.flatMap(codeBlocks)
const pageOf = (file: string): string => pages.find((page) => page.file === file)?.text ?? assert.fail(file)

test('docs/start/config.md and the changelog have each name of a config file', () => {
  const [, list = ''] =
    /the first\s+of these is used: ([^]*?) then the key/.exec(pageOf('docs/start/config.md')) ?? []
  const extensions = [...list.matchAll(/`(?:server\.config)?(\.\w+)`/g)].map(([, extension]) => extension)
  assert.deepEqual(extensions, configNames.map(extname))
  const braces = configNames.map((name) => extname(name).slice(1)).join()
  assert.ok(pageOf('CHANGELOG.md').includes(`server.config.{${braces}}`))
})

test('an image of the docs runs as a user other than root', () => {
  const images = blocks.filter(({ language }) => language === 'dockerfile')
  assert.ok(images.length > 0)
  for (const { code, place } of images) {
    const [, user = 'root'] = code.split(/^CMD/m)[0]?.match(/^USER (\w+)(?::\w+)?$/m) ?? []
    assert.ok(!['root', '0'].includes(user), place)
  }
})

test('several instances differ in each file and address that one master keeps for itself', () => {
  const [, section = ''] = pageOf('docs/run/deploy.md').split('\n## Several instances\n')
  const text = section.split('\n## ')[0] ?? ''
  for (const name of [
    'ddress',
    '`?pidfile',
    '`control_socket`',
    'log files',
    ' -p ',
    '--control-socket ',
    ' -b ',
  ])
    assert.match(text, new RegExp(name))
})

test('pages for users do not say how they are made', () => {
  const forUsers = pages.filter(
    ({ file }) => !['CONTRIBUTING.md', 'README.md', 'docs/understand/architecture.md'].includes(file),
  )
  for (const { file, text } of forUsers)
    assert.doesNotMatch(text, /npm run docs|test\/docs|\ba test\b|<!-- (?!\w+:(?:start|end) -->)/i, file)
})

const command = createCommand()
const flags = [...command.options.flatMap(({ short, long }) => [short, long]), '-h', '--help']

/** The words of each command in a block that starts tsgun itself, with lines that continue joined. */
function commands(code: string): string[][] {
  return code
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line) => line.split(/ (?:&&|\|\||\|) |#/))
    .flatMap((line) => /(?:^|[\s/"])tsgun(?:\.js)?"?,?((?: .*)?)$/.exec(line.trim())?.[1] ?? [])
    .map((rest) => rest.split(/[\s",\]]+/).filter((word) => word !== ''))
}

test('each flag of a command in the docs is one that tsgun has', () => {
  const inShell = blocks.filter(({ language }) =>
    ['sh', 'console', 'dockerfile', 'ini', ''].includes(language),
  )
  const found = inShell.flatMap(({ code, place }) => commands(code).map((words) => ({ words, place })))
  assert.ok(found.length > 20, `${found.length} commands`)
  for (const { words, place } of found) {
    // The words that are commands have flags of their own.
    if (words[0] !== undefined && /^[a-z]+$/.test(words[0])) continue
    const unknown = words
      .filter((word) => /^--?[a-z]/i.test(word))
      .filter((word) => !flags.includes(word.split('=')[0]))
    assert.deepEqual(unknown, [], place)
  }
})
