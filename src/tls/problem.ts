// What is wrong with the files of TLS, for the operator. Any process.

export type TlsSettingName = 'certfile' | 'keyfile' | 'acme' | 'ca_certs' | 'ciphers'

/** What is wrong, where and why, with a remedy. */
export interface TlsProblem {
  readonly setting: TlsSettingName
  readonly message: string
}

/** The certificates cannot be used. */
export class TlsError extends Error {
  override readonly name = 'TlsError'
  readonly problems: readonly TlsProblem[]

  constructor(problems: readonly TlsProblem[]) {
    super(problems.map(({ setting, message }) => `${setting}: ${message}`).join('; '))
    this.problems = problems
  }
}
