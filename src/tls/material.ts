// What a worker needs to speak TLS, as the arbiter sends it. Types only.

/**
 * Certificates of the same names, each with its chain, and their keys, in PEM: one, or one of each kind of
 * key.
 */
export interface CertificateMaterial {
  /** In lower case; `*.example.org` has one label more. */
  readonly names: readonly string[]
  readonly cert: readonly string[]
  readonly key: readonly string[]
}

export interface TlsMaterial {
  /** The first one is for clients that ask for no name, or one that no certificate has. */
  readonly certificates: readonly CertificateMaterial[]
  /** Of the authorities of client certificates, in PEM. */
  readonly ca: string | undefined
}

/** What replaces the part of the boot message later. */
export interface WorkerTls {
  readonly material: TlsMaterial
  /** 48 bytes in base64, the same for all workers, so that each can resume the sessions of the others. */
  readonly ticketKeys: string
}

/** What an authority of ACME asks for while a certificate is ordered. */
export type AcmeChallenge =
  /** By `GET /.well-known/acme-challenge/TOKEN` (RFC 8555, 8.3). */
  | { readonly type: 'http-01'; readonly token: string; readonly response: string }
  /** In a handshake for this name with the protocol `acme-tls/1` (RFC 8737). In PEM. */
  | { readonly type: 'tls-alpn-01'; readonly name: string; readonly cert: string; readonly key: string }

/** The part of the boot message. */
export interface BootTls extends WorkerTls {
  /** Those of an order in progress; absent without one. */
  readonly challenges?: readonly AcmeChallenge[]
  /** What later certificates are sealed with: 32 bytes in base64. */
  readonly secret: string
}
