// Runs in `tsgunctl`: the text of a response, and the JSON in it.

export async function textOf(lines: AsyncIterable<string>): Promise<string> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all.join('\n')
}

/**
 * Returns undefined for incomplete JSON. The cast: a complete value was written by the server, as in
 * control/protocol.ts.
 */
export function parse<Value>(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value
  } catch {
    return undefined // the connection failed in the middle of a line
  }
}
