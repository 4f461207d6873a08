// Runs in a worker: parses the header Forwarded (RFC 7239). Pure.

/** What one proxy says, in lower-case names. */
export type Element = ReadonlyMap<string, string>

// A value without quotes may have a colon and brackets here: `for=10.0.0.1:80` is common, though not valid.
const pair = /[ \t]*([!#$%&'*+.^`|~\w-]+)=(?:([^\s",;\\]+)|"((?:[^"\\]|\\[^])*)")[ \t]*/y
const space = /[ \t]*/y

/**
 * Returns the elements, that of the proxy which is nearest to the client first; undefined when it is not
 * valid. Then it must be refused: a client that sends an open quote would hide what the proxy adds.
 */
export function parseForwarded(text: string): readonly Element[] | undefined {
  const elements: Map<string, string>[] = []
  let element = new Map<string, string>()
  let at = 0
  for (;;) {
    const [all, name, token, quoted = ''] = match(pair, text, at) ?? match(space, text, at) ?? ['']
    const key = name?.toLowerCase()
    if (key !== undefined && element.has(key)) return undefined // RFC 7239, 4: once in an element
    if (key !== undefined) element.set(key, token ?? quoted.replace(/\\([^])/g, '$1'))
    at += all.length
    const mark = text[at]
    if (mark !== undefined && mark !== ',' && mark !== ';') return undefined
    if (mark !== ';') {
      if (element.size > 0) elements.push(element)
      element = new Map()
    }
    if (mark === undefined) return elements
    at += 1
  }
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
