// Splits text into words as a shell does, with quotes and backslashes: TSGUN_CMD_ARGS, `node_args`. Pure.

/** Throws a RangeError for an unclosed quote. Variables and globs are not expanded. */
export function splitWords(text: string): string[] {
  const words: string[] = []
  const pattern = /\s*((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+)(?=\s|$)|\s*(\S)|\s+$/gsy
  for (const [, word, stray] of text.matchAll(pattern)) {
    if (stray !== undefined) throw new RangeError('unclosed quote')
    if (word !== undefined) words.push(unquote(word))
  }
  return words
}

/** Takes quotes and backslashes out of a word. A quote may be unclosed. */
export function unquote(word: string): string {
  return word.replace(
    /'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.)/gs,
    (_, single?: string, double?: string, escaped?: string) =>
      single ?? escaped ?? (double ?? '').replace(/\\(["\\$`])/g, '$1'),
  )
}
