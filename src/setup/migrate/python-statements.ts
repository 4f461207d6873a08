// Splits a Python file into its statements of the top level. Nothing is executed. Pure.

export interface Statement {
  /** The source, with the indented lines of a block. */
  readonly text: string
  /** `NAME = expression`; undefined for all else. */
  readonly assignment: { readonly name: string; readonly expression: string } | undefined
}

/** Comments and blank lines between statements are left out. */
export function pythonStatements(source: string): readonly Statement[] {
  const statements: string[] = []
  for (const line of logicalLines(source.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n'))) {
    const isBlank = /^\s*(?:#.*)?$/.test(line)
    const last = statements.at(-1)
    const continues = /^(?:[ \t]|(?:else|elif|except|finally)\b)/.test(line) || /^@[^\n]*$/.test(last ?? '')
    if (isBlank) continue
    if (continues && last !== undefined) statements[statements.length - 1] = `${last}\n${line}`
    else statements.push(line)
  }
  return statements.map((text) => ({ text, assignment: assignmentOf(text) }))
}

function assignmentOf(text: string): Statement['assignment'] {
  const [, name, expression] = /^([A-Za-z_]\w*)[ \t]*(?::[^=\n]+)?=(?!=)([^]*)$/.exec(text) ?? []
  return name === undefined || expression === undefined ? undefined : { name, expression: expression.trim() }
}

/** A string in triple quotes, a bracket and a backslash join lines. */
function logicalLines(source: string): string[] {
  const lines: string[] = []
  let current = ''
  let depth = 0
  for (const [token] of source.matchAll(tokens)) {
    if (token === '\n' && depth === 0) {
      lines.push(current)
      current = ''
      continue
    }
    if (/^[([{]$/.test(token)) depth += 1
    if (/^[)\]}]$/.test(token)) depth = Math.max(0, depth - 1)
    // A comment inside of brackets would hide what follows when the lines are joined: it ends with its line.
    current += token
  }
  return [...lines, current]
}

const tokens = new RegExp(
  [
    /"""(?:\\.|[^\\])*?"""|'''(?:\\.|[^\\])*?'''/,
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/,
    /#[^\n]*|\\\n|[([{)\]}]|\n|[^"'#\\([{)\]}\n]+|./,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gs',
)
