// A message that the docs quote is one that the source can say: whoever looks for a line of the log finds it,
// word for word. Messages are made of literals with values between them, so the words between two values (a
// fixed part) have to be in literals.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'
import { settingNames } from '../../../src/config/settings/table.ts'
import { environmentNames } from '../../../src/ipc/environment.ts'
import { codeBlocks, markdownPages, type MarkdownPage } from '../../docs/markdown.ts'
import { repository } from '../../helpers/tsgun.ts'

/** Stands for what is not a literal. */
const value = '\0'

const literals = ['src', 'bin']
  .flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(repository, folder, name),
    ),
  )
  .filter((path) => /\.[jt]s$/.test(path))
  .flatMap((path) => literalsOf(readFileSync(path, 'utf8')))

/** Texts, and the pieces of templates; no comments and no names. `'a ' + 'b'` is one text. */
function literalsOf(source: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node)) found.push(node.text.trim())
    if (ts.isBinaryExpression(node))
      found.push(
        ...joined(node)
          .split(value)
          .map((text) => text.trim()),
      )
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('', source, ts.ScriptTarget.Latest))
  return found
}

/** The text of literals and templates that are added up, with marks for the values between them. */
function joined(node: ts.Expression): string {
  if (ts.isParenthesizedExpression(node)) return joined(node.expression)
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => value + literal.text).join('')
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return joined(node.left) + joined(node.right)
  return value
}

/**
 * Whether one literal has the words, or several that stand side by side: the end of one, others whole, the
 * beginning of the last.
 */
function isSaid(words: readonly string[], isStart = true): boolean {
  const text = words.join(' ')
  if (literals.some((literal) => (isStart ? literal.includes(text) : literal.startsWith(text)))) return true
  return words.slice(0, -1).some((_, index) => {
    const head = words.slice(0, index + 1).join(' ')
    const begins = literals.some((literal) => (isStart ? literal.endsWith(head) : literal === head))
    return begins && isSaid(words.slice(index + 1), false)
  })
}

/**
 * What stands between values: `…`, `N`, names in capitals, numbers with their unit, paths, quoted names,
 * errors of the system.
 */
function fixedParts(message: string): string[][] {
  const values =
    /…|worker \d+ \(pid \d+\)|(?<=ended: )\w+|\bE[A-Z]{3,}: [^;]*|\b[A-Z]{4,}\b|"\S*"|\b(?:N\b|v?\d[\d.]*)( (ms|s|workers?|lines?|requests?|bytes?)\b)?|\.?\/\S*|https?:\S*/g
  const parts = message
    .replace(values, value)
    .split(value)
    .map((part) => part.replace(/^[\s:;,]+|[\s:;,]+$/g, ''))
  return parts
    .map((part) => part.split(/\s+/).filter((word) => /\w/.test(word)))
    .filter((words) => words.join('').length > 3)
}

/** The place and the name of a mistake in the config. */
const origin = new RegExp(
  `^(?:(?:environment|${[...settingNames, ...Object.values(environmentNames)].join('|')}): )+`,
)

function unsaid(message: string): string[] {
  return fixedParts(message.replace(origin, ''))
    .filter((words) => !isSaid(words))
    .map((words) => words.join(' '))
}

/** The headings of docs/troubleshooting.md that begin with a message; some have several. */
function messages({ text }: MarkdownPage): string[] {
  const headings = [...text.matchAll(/^### (`.*)$/gm)].map(([, heading = '']) => heading)
  return headings.flatMap((heading) => [...heading.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message))
}

/**
 * Lines of the error log in a block, without their fields. What the app itself has said is told by the stack
 * below.
 */
function logLines(page: MarkdownPage): string[] {
  const blocks = codeBlocks(page).filter(({ language }) => language === '')
  return blocks.flatMap(({ code }) =>
    [
      ...code.matchAll(
        /^\[(?:INFO|WARN|ERROR|FATAL)\] (?:\[(?:worker \d+|master)\] )?(.*)(?:\n +\w*Error: (.*))?/gm,
      ),
    ].map(([, line = '', own = '']) => line.replace(own, '').replace(/(?: \w+=\S+)+(?: …)?$/, '')),
  )
}

const pages = markdownPages()

test('a message that was never there is found out', () => {
  assert.deepEqual(unsaid('the disk of … has melted'), ['the disk of', 'has melted'])
  assert.deepEqual(unsaid('an uncaught exception ends this server'), [
    'an uncaught exception ends this server',
  ])
})

test('each message of docs/troubleshooting.md is one of the source', () => {
  const quoted = pages.filter(({ file }) => file === 'docs/troubleshooting.md').flatMap(messages)
  assert.ok(quoted.length > 40, `${quoted.length} messages`)
  assert.deepEqual(
    quoted.flatMap((message) => unsaid(message).map((part) => `${message}: ${part}`)),
    [],
  )
})

test('each line of the error log in the docs is one that the source writes', () => {
  const lines = pages.flatMap(logLines)
  assert.ok(lines.length >= 14, `${lines.length} lines`)
  assert.deepEqual(
    lines.flatMap((line) => unsaid(line).map((part) => `${line}: ${part}`)),
    [],
  )
})
