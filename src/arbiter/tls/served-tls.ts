// Runs in the arbiter, only with TLS: the certificates that the workers of a generation serve with. They are
// replaced when the files change, while the generation stays.

import type { ArbiterMessage } from '../../ipc/messages.ts'
import type { TlsFiles } from '../../tls/files.ts'
import { loadTls, type LoadedTls, type TlsModes } from '../../tls/load.ts'
import type { AcmeChallenge, BootTls } from '../../tls/material.ts'
import { seal } from '../../tls/sealed.ts'
import type { ManagedCertificate, TlsOfGeneration } from '../model/generation.ts'
import type { PresentChallenges } from './present-challenges.ts'
import type { TlsSecrets } from './secrets.ts'

export interface ServedTlsOptions {
  readonly files: TlsFiles
  readonly modes: TlsModes
  readonly secrets: TlsSecrets
  readonly challenges: PresentChallenges
  readonly managed: ManagedCertificate | undefined
  /** Those that are served now, by another generation. */
  readonly before: LoadedTls | undefined
}

export class ServedTls implements TlsOfGeneration {
  readonly #options: ServedTlsOptions
  #loaded: LoadedTls

  private constructor(options: ServedTlsOptions, loaded: LoadedTls) {
    this.#options = options
    this.#loaded = loaded
  }

  /** Rejects with a TlsError. */
  static async load(options: ServedTlsOptions): Promise<ServedTls> {
    return new ServedTls(options, await read(options, options.before))
  }

  get files(): TlsFiles {
    return this.#options.files
  }

  get managed(): ManagedCertificate | undefined {
    return this.#options.managed
  }

  get loaded(): LoadedTls {
    return this.#loaded
  }

  boot(): BootTls {
    const { ticketKeys, secret } = this.#options.secrets
    const { list } = this.#options.challenges
    const boot = { material: this.#loaded.material, ticketKeys, secret }
    return list.length === 0 ? boot : { ...boot, challenges: list }
  }

  message(): ArbiterMessage {
    const { material, ticketKeys, secret } = this.boot()
    return { type: 'certificates', sealed: seal(JSON.stringify({ material, ticketKeys }), secret) }
  }

  present(challenges: readonly AcmeChallenge[], nr: number): ArbiterMessage {
    this.#options.challenges.replace(challenges)
    const { secret } = this.#options.secrets
    return { type: 'challenges', nr, sealed: seal(JSON.stringify(challenges), secret) }
  }

  /** Reads the files again, and changes nothing. Rejects with a TlsError. */
  reload(): Promise<LoadedTls> {
    return read(this.#options, this.#loaded)
  }

  /** From now on these are served by workers that start; the others get them with `message`. */
  adopt(loaded: LoadedTls): void {
    this.#loaded = loaded
  }

  /** The keys of session tickets are replaced. */
  rotate(): void {
    this.#options.secrets.rotate()
  }
}

function read({ files, modes }: ServedTlsOptions, before: LoadedTls | undefined): Promise<LoadedTls> {
  const served = before?.certificates.map(({ fingerprint }) => fingerprint) ?? []
  return loadTls(files, modes, { now: Date.now(), served })
}
