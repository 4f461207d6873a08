// Pieces of generated Markdown. Nothing is a table, because cells grow wider than a terminal; prettier wraps
// the lines.

/** One entry of a list: `- **term**: what it means`. */
export function entry(term: string, meaning: string): string {
  return `- ${term}: ${meaning}`
}

/** Messages and setting texts name pages as `docs/run/logs.md`; in a page they are links. */
export function linkPages(text: string): string {
  return text.replace(/docs\/([a-z-]+\/[a-z-]+\.md)/g, (name, path: string) => `[${name}](../${path})`)
}

/** Puts a text between its marks, `<!-- name:start -->` and `<!-- name:end -->`. */
export function replaceBetween(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const [before, rest] = page.split(start)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined)
    throw new Error(`the page has no marks ${start} and ${end}`)
  return `${before}${start}\n\n${text}\n\n${end}${after}`
}
