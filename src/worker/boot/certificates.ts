// Runs in a worker: the certificates that the arbiter has sent, and sends again when they change. What TLS
// needs is loaded only with a certificate.

import type { BootMessage } from '../../ipc/messages.ts'
import type { HookRunner } from '../../config/hooks/runner.ts'
import { tellsOfTls } from '../../logging/access/tls-variables.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import { saying } from '../../logging/records/said.ts'
import { LateModule } from '../../os/late-module.ts'
import type { TlsTermination } from '../../serving/tls/termination.ts'
import type { AcmeChallenge, WorkerTls } from '../../tls/material.ts'
import type { Output } from '../process/output.ts'
import { Bursts } from './bursts.ts'

/** Loaded with the first certificate: the files of this release may be removed before one is renewed. */
const sealing = new LateModule(() => import('../../tls/sealed.ts'))

type Told = Pick<BootMessage, 'tls' | 'settings' | 'durations' | 'listeners'>

export class Certificates {
  readonly #message: Told
  readonly #output: Pick<Output, 'log'>
  /** What has come after the boot message. */
  #latest: WorkerTls | undefined
  #termination: TlsTermination | undefined
  #challenges: readonly AcmeChallenge[]

  constructor(message: Told, output: Pick<Output, 'log'>) {
    this.#message = message
    this.#challenges = message.tls?.challenges ?? []
    this.#output = output
  }

  /** Resolves with undefined without TLS. Rejects when the hook ssl_context fails. */
  async open(hooks: Pick<HookRunner, 'has' | 'fold'>): Promise<TlsTermination | undefined> {
    const { tls, settings, durations, listeners } = this.#message
    const sockets = listeners.map(({ url }) => url.startsWith('https'))
    // Without any socket this is --check-config, which calls the hook too.
    if (tls === undefined || (sockets.length > 0 && !sockets.includes(true))) return undefined
    await sealing.load()
    const { TlsTermination } = await import('../../serving/tls/termination.ts')
    this.#termination = await TlsTermination.create({
      tls: this.#latest ?? tls,
      modes: settings,
      protocols: settings.http_protocols,
      sockets,
      logsFacts:
        settings.accesslog !== null && tellsOfTls(settings.access_log_format, settings.cert_reqs !== 'none'),
      handshakeTimeout: durations.header_timeout,
      customise: (options) =>
        hooks.has('ssl_context') ? hooks.fold('ssl_context', settings, options) : Promise.resolve(options),
      onFailure: this.#failureLog(),
    })
    this.#termination.answer(this.#challenges)
    return this.#termination
  }

  /** The arbiter has sent others. Never rejects. */
  async renew(sealed: string): Promise<void> {
    const secret = this.#message.tls?.secret
    if (secret === undefined) return
    try {
      const { unseal } = await sealing.load()
      // sealed by the arbiter, which has the same version
      const latest = JSON.parse(unseal(sealed, secret)) as WorkerTls
      this.#latest = latest
      await this.#termination?.renew(latest)
    } catch (error) {
      const why = describeError(error).message
      this.#output
        .log()
        .error({ err: error }, `TLS: this worker keeps its certificates, because the new ones fail: ${why}`)
    }
  }

  /** By path: what the server responds itself while a certificate is ordered. */
  get responses(): ReadonlyMap<string, string> {
    const entries = this.#challenges.flatMap((each) =>
      each.type === 'http-01' ? [[`/.well-known/acme-challenge/${each.token}`, each.response] as const] : [],
    )
    return new Map(entries)
  }

  /** An authority of ACME may ask for these from now on. Never rejects. */
  async answer(sealed: string): Promise<void> {
    const secret = this.#message.tls?.secret
    if (secret === undefined) return
    try {
      const { unseal } = await sealing.load()
      // sealed by the arbiter, which has the same version
      this.#challenges = JSON.parse(unseal(sealed, secret)) as readonly AcmeChallenge[]
      this.#termination?.answer(this.#challenges)
    } catch (error) {
      const why = describeError(error).message
      this.#output.log().error({ err: error }, `ACME: this worker cannot answer the authority: ${why}`)
    }
  }

  /** Undefined when the error log does not have records of that level. */
  #failureLog(): ((reason: string, remoteAddress: string) => void) | undefined {
    const { loglevel } = this.#message.settings
    if (loglevel !== 'debug' && loglevel !== 'trace') return undefined
    const log = this.#output.log
    const bursts = new Bursts((more) =>
      log().debug(saying('handshakes_failed', { count: more }), `TLS: ${more} more handshakes failed`),
    )
    return (reason, remoteAddress) => {
      if (!bursts.admit()) return
      log().debug(
        saying('handshake_failed', { remote_addr: remoteAddress, reason }),
        `TLS: the handshake of ${remoteAddress === '' ? 'a client' : remoteAddress} failed: ${reason}`,
      )
    }
  }
}
