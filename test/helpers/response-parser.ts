// Parses HTTP/1.1 responses from the bytes of a connection, strictly: any deviation is an error.

export interface ParsedResponse {
  readonly status: number
  /** Names in lower case, each with its last value. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** The bytes after the response. */
  readonly rest: Buffer
}

/** Returns undefined while the response is incomplete. Throws if it is not a valid response. */
export function parseResponse(bytes: Buffer): ParsedResponse | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [first = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const status = Number(
    /^HTTP\/1\.1 (\d{3}) /.exec(`${first} `)?.[1] ?? fail(`not a status line: ${JSON.stringify(first)}`),
  )
  const headers = new Map(lines.map(parseHeader))
  const content = bytes.subarray(headEnd + 4)
  const body =
    headers.get('transfer-encoding') === 'chunked' ? readChunks(content) : readLength(content, headers)
  return body && { status, headers, body: body.text, rest: body.rest }
}

interface Body {
  readonly text: string
  readonly rest: Buffer
}

function parseHeader(line: string): readonly [string, string] {
  const [, name = '', value = ''] =
    /^([\w-]+): ?(.*)$/.exec(line) ?? fail(`not a header: ${JSON.stringify(line)}`)
  return [name.toLowerCase(), value]
}

function readLength(content: Buffer, headers: ReadonlyMap<string, string>): Body | undefined {
  const length = Number(headers.get('content-length') ?? fail('neither Content-Length nor chunks'))
  if (content.length < length) return undefined
  return { text: content.toString('utf8', 0, length), rest: content.subarray(length) }
}

function readChunks(content: Buffer): Body | undefined {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = content.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(content.toString('latin1', at, lineEnd), 16)
    const start = lineEnd + 2
    if (!Number.isInteger(size))
      fail(`not a chunk size: ${JSON.stringify(content.toString('latin1', at, lineEnd))}`)
    if (content.length < start + size + 2) return undefined
    if (content.toString('latin1', start + size, start + size + 2) !== '\r\n') fail('a chunk has no end')
    parts.push(content.subarray(start, start + size))
    at = start + size + 2
    if (size === 0) return { text: Buffer.concat(parts).toString(), rest: content.subarray(at) }
  }
}

function fail(reason: string): never {
  throw new Error(`not a response: ${reason}`)
}
