// The records that docs/understand/workers.md shows for the death of a worker are those of a real server, in
// this order, with the stack that says where.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeBlocks, markdownPages } from '../docs/markdown.ts'
import { ask } from '../helpers/http.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

const page = markdownPages().find(({ file }) => file === 'docs/understand/workers.md') ?? assert.fail()

/** The lines of the block that has this text. */
function documented(text: string): string[] {
  const block =
    codeBlocks(page).find(({ code }) => code.includes(text)) ?? assert.fail(`no block with ${text}`)
  return block.code.trim().split('\n')
}

/** What a line of the docs stands for: any numbers, any id and folder, and anything for `…`. */
function pattern(line: string): RegExp {
  const text = line
    .trim()
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/request_id=\S+/g, 'request_id=[0-9a-f]+-\\w+')
    .replace(/(?<![-\w])\d+(?:\\\.\d+)?(?![-\w])/g, '[\\d.]+')
    .replace(/(?<=\[\\d\.\]\+) (?:ms|s|min|h)\b/g, ' (?:ms|s|min|h)')
    .replace(/\/srv\/shop\//g, '\\S*/') // also in a URL
    .replace(/ ?…/g, '.*')
  return new RegExp(text)
}

/** Resolves when the log has each of the lines, one after the other. */
async function untilLogged(server: RunningServer, lines: readonly string[]): Promise<void> {
  const isLogged = (): boolean => {
    let rest = server.stderr
    return lines.every((line) => {
      const found = pattern(line).exec(rest)
      rest = found === null ? '' : rest.slice(found.index + found[0].length)
      return found !== null
    })
  }
  await server.until(`the lines of the docs:\n${lines.join('\n')}`, isLogged)
}

test('a worker that dies of an uncaught exception', async (t) => {
  const project = createProject(t, {
    'app.ts': [
      'let waiting = 0',
      'export default (req, res) => {',
      '  if (++waiting === 2) setTimeout(() => { throw new Error("from a timer") }, 10)',
      '}',
    ].join('\n'),
  })
  const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', './app.ts'] })
  await Promise.allSettled([fetch(`${server.url}/report`), fetch(`${server.url}/pay`, { method: 'POST' })])
  await untilLogged(server, documented('from a timer'))
  await server.stop()
})

test('a worker whose event loop is blocked', async (t) => {
  const project = createProject(t, {
    'images.ts': 'export function resize(): void {\n  for (;;) Math.random()\n}\n',
    'app.ts': `import { resize } from './images.ts'\nexport default (req, res) => resize()\n`,
  })
  const words = ['-b', '127.0.0.1:0', '-t', '1', './app.ts']
  const server = await startServer(project, { arguments: words })
  await Promise.allSettled([ask(server.url, '/')])
  await untilLogged(server, documented('is aborted'))
  await server.stop()
})
