// Runs in a worker: a response in plain text that ends its connection, as bytes: for a connection for which
// Node has made no response object, or whose response the app keeps. Pure.

export interface PlainResponse {
  readonly status: number
  readonly reasonPhrase: string
  readonly text: string
}

export function plainHead({ status, reasonPhrase, text }: PlainResponse): string {
  return (
    `HTTP/1.1 ${status} ${reasonPhrase}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
    `Content-Length: ${text.length}\r\n\r\n`
  )
}

export const plainResponse = (response: PlainResponse): string => plainHead(response) + response.text
