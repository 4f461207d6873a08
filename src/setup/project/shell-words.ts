// Splits a command of package.json or of a Procfile as a shell does: into simple commands, and these into
// words. Pure. Nothing is expanded: a word with `$` keeps it.

import { unquote } from '../../config/sources/split-words.ts'

export interface SimpleCommand {
  /** The words, without quotes. */
  readonly words: readonly string[]
  /** The assignments before the first word: `NODE_ENV=production node app.js`. */
  readonly env: Readonly<Record<string, string>>
}

/** `&&`, `||`, `;`, `|`, `&` and line ends stand between simple commands. Redirections are dropped. */
export function simpleCommands(text: string): readonly SimpleCommand[] {
  const commands: string[][] = [[]]
  for (const [token] of text.replace(redirection, '').matchAll(tokens)) {
    if (operator.test(token)) commands.push([])
    else commands.at(-1)?.push(unquote(token))
  }
  return commands.filter((words) => words.length > 0).map(splitAssignments)
}

const redirection = /(?<=\s)\d?>{1,2}\s*(?:&\d|[^\s;|&]+)/g
const tokens = /&&|\|\||[;|&\n]|(?:'[^']*'?|"(?:\\.|[^"\\])*"?|\\.|[^\s'"\\;|&])+/gs
const operator = /^(?:&&|\|\||[;|&\n])$/

/** Takes the assignments from the front of a list of words. */
export function splitAssignments(words: readonly string[]): SimpleCommand {
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word))
  const count = first === -1 ? words.length : first
  return { words: words.slice(count), env: Object.fromEntries(words.slice(0, count).map(splitPair)) }
}

function splitPair(word: string): [string, string] {
  const at = word.indexOf('=')
  return [word.slice(0, at), word.slice(at + 1)]
}
