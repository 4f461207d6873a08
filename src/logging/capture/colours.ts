// Colours in what an app prints (Nest, Hono's logger, morgan): a log file and its readers want none. Any
// process. Pure.

/** ECMA-48, "select graphic rendition": `\u001b[32m`. */
const colour = /\u001b\[[\d;:]*m/g

export function withoutColours(text: string): string {
  return text.includes('\u001b[') ? text.replace(colour, '') : text
}
