// Splits TSGUN_CMD_ARGS into words as a shell does: blanks separate, quotes keep together, a backslash takes
// the next character as it is.

/** Throws a RangeError when a quote is not closed. Nothing is expanded. */
export function splitWords(text: string): string[] {
  const words: string[] = []
  const pattern = /\s*((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+)(?=\s|$)|\s*(\S)|\s+$/gsy
  for (const [, word, stray] of text.matchAll(pattern)) {
    if (stray !== undefined) throw new RangeError('a quote is not closed')
    if (word !== undefined) words.push(unquote(word))
  }
  return words
}

function unquote(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs,
    (_, single?: string, double?: string, escaped?: string) => {
      return single ?? escaped ?? (double ?? '').replace(/\\(["\\$`])/g, '$1')
    },
  )
}
