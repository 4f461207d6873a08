// Runs in the arbiter: the certificates of each generation that is loaded. What TLS needs is loaded with the
// first certificate.

import type { LoadedConfig } from '../../config/load.ts'
import { ConfigError } from '../../config/problems/problem.ts'
import { LateModule } from '../../os/late-module.ts'
import { tlsFiles } from '../../tls/files.ts'
import type { LoadedTls } from '../../tls/load.ts'
import { TlsError } from '../../tls/problem.ts'
import type { TlsOfGeneration, TlsSource } from '../model/generation.ts'
import type { TlsSecrets } from './secrets.ts'

const late = new LateModule(async () => ({
  ...(await import('./secrets.ts')),
  ...(await import('./served-tls.ts')),
}))

type Source = Pick<LoadedConfig, 'settings' | 'directory' | 'origins'>

export class TlsLoader implements TlsSource {
  #secrets: TlsSecrets | undefined
  #served: TlsOfGeneration | undefined

  async load({ settings, directory, origins }: Source): Promise<TlsOfGeneration | undefined> {
    const files = tlsFiles(settings, directory)
    if (files === undefined) return undefined
    const { TlsSecrets, ServedTls } = await late.load()
    this.#secrets ??= new TlsSecrets()
    try {
      return await ServedTls.load({ files, modes: settings, secrets: this.#secrets, before: this.#before })
    } catch (error) {
      if (!(error instanceof TlsError)) throw error
      const problems = error.problems.map(({ setting, message }) => {
        const where = origins[setting]
        return { where: where === 'default' ? '' : where, name: setting, message }
      })
      throw new ConfigError(problems, { cause: error })
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
}
