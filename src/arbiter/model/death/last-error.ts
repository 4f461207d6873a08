// Why a worker failed, in one line, for the records and views of a crash loop. Pure.

/** Characters of an error that one line shows. */
const longest = 200
/**
 * `TypeError: x is not a function`, `FATAL ERROR: Reached heap limit`: the line of an error's text that says
 * what it is.
 */
const errorLine = /^\s*(?:Uncaught )?(?:\w*(?:Error|Exception)\b|FATAL ERROR)/

/**
 * The error that the worker reported while it booted; else the error in its output; else its last line of
 * output; else how it ended.
 */
export function lastErrorOf(
  bootError: string | null,
  output: readonly string[] | undefined,
  how: string,
): string {
  const lines = (output ?? []).filter((line) => line.trim() !== '')
  return firstLine(bootError ?? errorIn(lines) ?? lines.at(-1) ?? how)
}

/** The last error in the output of a worker. */
export function errorIn(lines: readonly string[] = []): string | undefined {
  const line = lines.findLast((each) => errorLine.test(each))
  return line === undefined ? undefined : firstLine(line)
}

export function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? ''
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
