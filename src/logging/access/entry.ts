// The facts of one finished request, as the access log sees them. Runs in a worker; only types, so that the
// worker classes can fill an entry without knowing which format writes it.

/** One finished request: answered, given up by the client or the server, or never understood. */
export interface AccessEntry {
  /** Milliseconds since the epoch, when the line is written. */
  readonly time: number
  /** Milliseconds from the first byte of the request to the end of the response, with a fraction. */
  readonly duration: number
  /** The address of the peer; '' when there is none (a unix socket). */
  readonly remoteAddress: string
  /** '' when the request could not be parsed. */
  readonly method: string
  /** The request target as it was sent; '' when the request could not be parsed. */
  readonly url: string
  /** `1.1`; '' when the request could not be parsed. */
  readonly httpVersion: string
  readonly status: number
  /** Bytes of the response's body that were sent. */
  readonly bytes: number
  /**
   * `aborted`: the connection ended before the response did. `timeout`: the server ended it, because it took
   * longer than `request_timeout`. `invalid`: the request could not be parsed.
   */
  readonly outcome: 'complete' | 'aborted' | 'timeout' | 'invalid'
  /**
   * The value of a request header, by its lower-case name; several fields of that name are joined by `, `
   * (RFC 9110, 5.2).
   */
  requestHeader(name: string): string | undefined
  /**
   * Made, if need be, when a format asks for it. Nothing in it needs an escape. Undefined when the request
   * could not be parsed.
   */
  requestId(): string | undefined
  /** The value of a response header, by its lower-case name. */
  responseHeader(name: string): string | number | readonly string[] | undefined
}

/** What is the same for every line that a worker writes. */
export interface AccessContext {
  readonly pid: number
  readonly worker: number
  readonly environment: Readonly<NodeJS.Dict<string>>
}

/** Writes one whole line, its newline included. Whatever a client or the app sent is in printable ASCII. */
export type FormatAccess = (entry: AccessEntry) => string
