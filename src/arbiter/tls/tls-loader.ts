// Runs in the arbiter: the certificates of each generation that is loaded. What TLS needs is loaded with the
// first certificate.

import { existsSync } from 'node:fs'
import type { LoadedConfig } from '../../config/load.ts'
import { ConfigError } from '../../config/problems/problem.ts'
import { LateModule } from '../../os/late-module.ts'
import { acmePlaces } from '../../tls/acme-settings.ts'
import { tlsFiles } from '../../tls/files.ts'
import type { LoadedTls } from '../../tls/load.ts'
import { TlsError, type TlsProblem } from '../../tls/problem.ts'
import { startAcme } from '../acme/process.ts'
import type { ManagedCertificate, TlsOfGeneration, TlsSource } from '../model/generation.ts'
import { PresentChallenges } from './present-challenges.ts'
import type { TlsSecrets } from './secrets.ts'

const late = new LateModule(async () => ({
  ...(await import('./secrets.ts')),
  ...(await import('./served-tls.ts')),
}))

type Source = Pick<LoadedConfig, 'settings' | 'directory' | 'origins'>

export class TlsLoader implements TlsSource {
  readonly #version: string
  readonly #challenges = new PresentChallenges()
  #secrets: TlsSecrets | undefined
  #served: TlsOfGeneration | undefined

  /** `version`: of this master. */
  constructor(version: string) {
    this.#version = version
  }

  async load(source: Source, home: string): Promise<TlsOfGeneration | undefined> {
    const { settings, directory } = source
    const files = tlsFiles(settings, directory)
    if (files === undefined) return undefined
    const { TlsSecrets, ServedTls } = await late.load()
    const { acme } = settings
    const managed = acme === null ? undefined : { settings: acme, places: acmePlaces(acme, directory) }
    if (managed && !existsSync(managed.places.certificate)) {
      if (settings.check_config || settings.print_config) return undefined // they make no files
      await this.#prepare(managed, home, source)
    }
    this.#secrets ??= new TlsSecrets()
    const [secrets, challenges, before] = [this.#secrets, this.#challenges, this.#before]
    try {
      return await ServedTls.load({ files, modes: settings, secrets, challenges, managed, before })
    } catch (error) {
      if (!(error instanceof TlsError)) throw error
      throw refused(source, error.problems, error)
    }
  }

  keep(): Promise<unknown> {
    return late.load()
  }

  use(tls: TlsOfGeneration | undefined): void {
    this.#served = tls
  }

  get #before(): LoadedTls | undefined {
    return this.#served?.loaded
  }

  /** Puts something to serve where the certificate will be. Rejects with a ConfigError. */
  async #prepare({ settings, places }: ManagedCertificate, home: string, source: Source): Promise<void> {
    const { domains } = settings
    const { result } = startAcme(
      { home, environment: process.env },
      { type: 'task', job: 'prepare', version: this.#version, places, domains },
    )
    const ended = await result
    if (ended.type === 'failed') throw refused(source, [{ setting: 'acme', message: ended.reason }])
  }
}

function refused({ origins }: Source, problems: readonly TlsProblem[], cause?: unknown): ConfigError {
  return new ConfigError(
    problems.map(({ setting, message }) => {
      const where = origins[setting]
      return { where: where === 'default' ? '' : where, name: setting, message }
    }),
    { cause },
  )
}
