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

/** The part of the boot message. */
export interface BootTls extends WorkerTls {
  /** What later certificates are sealed with: 32 bytes in base64. */
  readonly secret: string
}
