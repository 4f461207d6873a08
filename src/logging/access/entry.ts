// The data of one finished request for the access log. Runs in a worker. Types only: the code that fills an
// entry does not depend on the format that writes it.

/** The handshake of a connection with TLS. */
export interface TlsFacts {
  /** `TLSv1.3` */
  readonly protocol: string
  readonly cipher: string
  /** The name that the client has asked for; '' without one. */
  readonly serverName: string
  readonly resumed: boolean
  /** The subject of the client's certificate as in RFC 2253, `CN=shop,O=Example`; '' without one. */
  readonly subject: string
  /** `NONE`: it has shown no certificate. */
  readonly verify: 'NONE' | 'SUCCESS'
}

/** One finished request: completed, ended early by the client or the server, or not parsable. */
export interface AccessEntry {
  /** Milliseconds since the epoch, when the line is written. */
  readonly time: number
  /** Milliseconds from the first byte of the request to the end of the response, with a fraction. */
  readonly duration: number
  /** The address of the peer; '' for a unix socket. */
  readonly remoteAddress: string
  /** '' when the request could not be parsed. */
  readonly method: string
  /** The request target as it was sent; '' when the request could not be parsed. */
  readonly url: string
  /** `1.1`; '' when the request could not be parsed. */
  readonly httpVersion: string
  readonly status: number
  /** Bytes of the response body that have left the process. */
  readonly bytes: number
  /**
   * `aborted`: the connection ended before the response. `timeout`: the server ended it after
   * `request_timeout`. `invalid`: the server refused it, because it is not valid or exceeds a limit.
   * `crashed`: the worker ended before.
   */
  readonly outcome: 'complete' | 'aborted' | 'timeout' | 'invalid' | 'crashed'
  /**
   * Returns the value of a request header by its lower-case name; several fields with that name are joined by
   * `, ` (RFC 9110, 5.2).
   */
  requestHeader(name: string): string | undefined
  /**
   * Returns the id, which is generated on the first call and needs no escape. Undefined when the request
   * could not be parsed.
   */
  requestId(): string | undefined
  /**
   * Returns the milliseconds that the request waited before it reached this worker; undefined unless a
   * trusted proxy has said it.
   */
  queueTime(): number | undefined
  /** Returns the value of a response header by its lower-case name. */
  responseHeader(name: string): string | number | readonly string[] | undefined
  /** Undefined without TLS of the server, and when the format does not ask for it. */
  tls?(): TlsFacts | undefined
}

/** Data that is the same for every line of a worker. */
export interface AccessContext {
  readonly pid: number
  readonly worker: number
  readonly environment: Readonly<NodeJS.Dict<string>>
  /** Its name; absent in a server without services. */
  readonly service?: string | undefined
  /** Whether JSON lines have the certificates of clients. */
  readonly clientCertificates?: boolean
}

/** Returns one whole line with its newline. Text from a client or the app is escaped to printable ASCII. */
export type FormatAccess = (entry: AccessEntry) => string
