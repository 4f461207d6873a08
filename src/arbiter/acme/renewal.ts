// Runs in the arbiter: with `acme`, orders a missing certificate when the workers serve, and a new one
// before it ends. The work is done by a process of its own; what that has stored is served by TlsWatch,
// as any changed file. A failure changes nothing, and is tried again after a growing pause.

import type { AcmeOrderTask } from '../../ipc/acme-messages.ts'
import { isDue, pauseAfter, renewalTime, shortestPause } from '../../tls/acme-due.ts'
import { usableChallenges } from '../../tls/acme-settings.ts'
import type { Commands } from '../model/commands.ts'
import type { Emit } from '../model/events.ts'
import type { Generation, ManagedCertificate, TlsOfGeneration } from '../model/generation.ts'
import { servedUrls } from '../model/served-sockets.ts'
import { Presentation } from './presentation.ts'
import type { AcmeResult, AcmeRun, StartAcme } from './process.ts'

/** Milliseconds. */
const interval = 10_000

export interface RenewalParts {
  readonly version: string
  readonly commands: Commands
  readonly emit: Emit
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly start: StartAcme
  /** During an upgrade the authority may reach a worker of the other master, which knows no challenge. */
  readonly isShared: () => boolean
  /** Reads the files of certificates now. */
  readonly readFiles: () => Promise<void>
}

type Followed = Pick<
  Generation,
  'home' | 'environment' | 'tls' | 'config' | 'listeners' | 'slots' | 'services'
>

export class AcmeRenewal {
  readonly #parts: RenewalParts
  readonly #presentation: Presentation
  readonly #jitter: number
  #generation: Followed | undefined
  #timer: NodeJS.Timeout | undefined
  #run: AcmeRun | undefined
  #serves = false
  #failures = 0
  /** Monotonic milliseconds. */
  #failedAt = -Infinity
  #notBefore = -Infinity

  constructor(parts: RenewalParts) {
    this.#parts = parts
    this.#presentation = new Presentation(parts.commands)
    this.#jitter = parts.random()
  }

  /** This generation is wanted. What failed before may be mended by its config. */
  follow(generation: Followed): void {
    this.#generation = generation
    this.#failures = 0
    this.#notBefore = this.#failedAt + shortestPause
    if (!this.#serves) return
    this.#tellPlaceholder()
    this.#watch()
  }

  /** The workers serve: an authority can reach them. */
  begin(): void {
    this.#serves = true
    this.#tellPlaceholder()
    this.#watch()
  }

  /** A worker answers the challenges of this number. */
  confirm(age: number, nr: number): void {
    this.#presentation.confirm(age, nr)
  }

  /** The server stops. */
  close(): void {
    this.#serves = false
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#run?.stop()
  }

  /** Orders the certificate if it has to be. Never rejects. */
  async look(): Promise<void> {
    const { now, isShared, emit } = this.#parts
    const { tls } = this.#generation ?? {}
    if (!this.#serves || this.#run || tls?.managed === undefined || now() < this.#notBefore) return
    if (!this.#isDue(tls, tls.managed) || isShared()) return
    try {
      await this.#order(tls, tls.managed)
    } catch (error) {
      emit({ type: 'uncaught_error', error })
    }
  }

  #watch(): void {
    const isManaged = this.#generation?.tls?.managed !== undefined
    if (!isManaged) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    this.#timer ??= setInterval(() => void this.look(), interval).unref()
    void this.look()
  }

  #isDue({ loaded }: TlsOfGeneration, { settings }: ManagedCertificate): boolean {
    return isDue(loaded.certificates[0], settings.domains, { now: Date.now(), jitter: this.#jitter })
  }

  async #order(tls: TlsOfGeneration, managed: ManagedCertificate): Promise<void> {
    const { start, emit } = this.#parts
    const { domains, directory } = managed.settings
    const presented = { any: false }
    const run = start(this.#surroundings(), this.#task(managed), {
      onOrdering: () => emit({ type: 'acme_ordering', domains, directory }),
      present: (challenges) => {
        presented.any = true
        return this.#presentation.present(tls, challenges)
      },
    })
    this.#run = run
    const result = await run.result
    this.#run = undefined
    if (!this.#serves) return
    if (presented.any) void this.#presentation.present(tls, [])
    await this.#apply(result, managed)
  }

  async #apply(result: AcmeResult, managed: ManagedCertificate): Promise<void> {
    const { now, readFiles } = this.#parts
    if (result.type === 'obtained' || result.type === 'current') {
      this.#failures = 0
      // Also when the file is not as expected: then it is not looked at all the time.
      this.#notBefore = now() + shortestPause
      if (result.type === 'obtained') this.#tellObtained(result, managed)
      await readFiles()
    }
    if (result.type === 'busy') this.#notBefore = now() + shortestPause / 2
    if (result.type === 'paused') this.#pause(result, managed)
    if (result.type === 'failed') this.#fail(result, managed)
  }

  /** A failure before the last restart, or of another master. */
  #pause({ wait }: Extract<AcmeResult, { type: 'paused' }>, { settings }: ManagedCertificate): void {
    const { now, emit } = this.#parts
    this.#notBefore = now() + wait
    emit({ type: 'acme_paused', domains: settings.domains, retryIn: wait })
  }

  #fail(result: Extract<AcmeResult, { type: 'failed' }>, managed: ManagedCertificate): void {
    const { now, emit } = this.#parts
    const { reason, retryAfter } = result
    this.#failures = Math.max(this.#failures + 1, result.failures)
    this.#failedAt = now()
    const retryIn = pauseAfter(this.#failures, retryAfter)
    this.#notBefore = now() + retryIn
    const [served] = this.#generation?.tls?.loaded.certificates ?? []
    const expires = served === undefined || served.isPlaceholder ? null : served.expires
    emit({ type: 'acme_failed', domains: managed.settings.domains, reason, retryIn, expires })
  }

  #tellObtained(
    life: Extract<AcmeResult, { type: 'obtained' }>,
    { settings: { domains, directory } }: ManagedCertificate,
  ): void {
    const renewal = renewalTime(life, this.#jitter)
    this.#parts.emit({ type: 'acme_obtained', domains, directory, expires: life.expires, renewal })
  }

  #tellPlaceholder(): void {
    const { managed, loaded } = this.#generation?.tls ?? {}
    if (managed === undefined || loaded?.certificates[0]?.isPlaceholder !== true) return
    this.#parts.emit({ type: 'acme_placeholder', domains: managed.settings.domains })
  }

  #surroundings(): { readonly home: string; readonly environment: NodeJS.ProcessEnv } {
    const { home = '', environment = () => ({}) } = this.#generation ?? {}
    return { home, environment: environment() }
  }

  #task({ settings, places }: ManagedCertificate): AcmeOrderTask {
    const { domains, email, directory } = settings
    const hasPlain = this.#generation !== undefined && servedUrls(this.#generation).some(isPlain)
    return {
      type: 'task',
      job: 'order',
      version: this.#parts.version,
      places,
      domains,
      email,
      directory,
      challenges: usableChallenges(settings, hasPlain),
      jitter: this.#jitter,
    }
  }
}

function isPlain(url: string): boolean {
  return url.startsWith('http://')
}
