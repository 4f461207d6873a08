// Runs in the arbiter: looks every two seconds whether the files of the certificates have changed, through
// the links of certbot. A certificate and its key change one after the other, so that what does not fit
// together is waited for, and reported when it stays so. The keys of session tickets are replaced here too.

import { stat } from 'node:fs/promises'
import { errorCode } from '../../os/error-code.ts'
import { allFiles } from '../../tls/files.ts'
import { TlsError } from '../../tls/problem.ts'
import { day, expiryWarning } from '../../tls/validity.ts'
import type { Commands } from '../model/commands.ts'
import type { Emit } from '../model/events.ts'
import type { Generation, TlsOfGeneration } from '../model/generation.ts'

/** Milliseconds. */
const interval = 2000
/** Milliseconds for which files may be incomplete. */
const patience = 10_000
/** Milliseconds for which tickets of one set of keys are accepted. */
const ticketLife = 43_200_000

export interface TlsWatchParts {
  readonly commands: Commands
  readonly emit: Emit
  /** Milliseconds on the monotonic clock. */
  readonly now: () => number
}

export class TlsWatch {
  readonly #parts: TlsWatchParts
  #tls: TlsOfGeneration | undefined
  #timer: NodeJS.Timeout | undefined
  /** What the files looked like when they were last read; undefined: they may have changed since the load. */
  #seen: string | undefined
  /** Since when the files are not usable. */
  #brokenSince: number | undefined
  #reported = false
  #isLooking = false
  #rotateAt = Infinity
  #warnAt = Infinity

  constructor(parts: TlsWatchParts) {
    this.#parts = parts
  }

  /** This generation is wanted. */
  follow({ tls }: Pick<Generation, 'tls'>): void {
    const now = this.#parts.now()
    const before = this.#tls?.loaded
    if (before && tls && before.digest !== tls.loaded.digest) this.#renewed(tls)
    this.#tls = tls
    this.#forget()
    if (tls === undefined) return this.close()
    this.#warnAt = now + day
    if (this.#timer) return
    this.#rotateAt = now + ticketLife
    this.#timer = setInterval(() => void this.look(), interval).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Never rejects. */
  async look(): Promise<void> {
    const tls = this.#tls
    if (tls === undefined || this.#isLooking) return
    this.#isLooking = true
    try {
      const looks = await looksOf(allFiles(tls.files))
      if (looks !== this.#seen || this.#brokenSince !== undefined) await this.#read(tls, looks)
    } catch (error) {
      this.#parts.emit({ type: 'uncaught_error', error })
    } finally {
      this.#isLooking = false
    }
    this.#keepTime(tls, this.#parts.now())
  }

  async #read(tls: TlsOfGeneration, looks: string): Promise<void> {
    if (looks !== this.#seen) this.#reported = false
    this.#seen = looks
    try {
      const loaded = await tls.reload()
      if (tls !== this.#tls) return // a reload was faster
      if ((await looksOf(allFiles(tls.files))) !== looks) return // changed while they were read
      this.#brokenSince = undefined
      if (loaded.digest === tls.loaded.digest) return
      tls.adopt(loaded)
      this.#parts.commands.put({ type: 'tls' })
      this.#renewed(tls)
    } catch (error) {
      if (!(error instanceof TlsError)) throw error
      this.#refused(error)
    }
  }

  #refused({ message }: TlsError): void {
    const now = this.#parts.now()
    this.#brokenSince ??= now
    if (this.#reported || now - this.#brokenSince < patience) return
    this.#reported = true
    this.#parts.emit({ type: 'certificates_refused', reason: message })
  }

  #renewed({ loaded: { certificates, warnings } }: TlsOfGeneration): void {
    const { emit } = this.#parts
    const served = certificates.map(({ certfile, expires }) => ({ certfile, expires }))
    emit({ type: 'certificates_renewed', certificates: served })
    for (const message of warnings) emit({ type: 'warning', message })
  }

  /** What has to be done at its time. */
  #keepTime(tls: TlsOfGeneration, now: number): void {
    if (now >= this.#rotateAt) {
      this.#rotateAt = now + ticketLife
      tls.rotate()
      this.#parts.commands.put({ type: 'tls' })
    }
    if (now < this.#warnAt) return
    this.#warnAt = now + day
    for (const { certfile, isManaged, expires } of tls.loaded.certificates) {
      if (isManaged) continue
      const message = expiryWarning(certfile, expires, Date.now())
      if (message !== undefined) this.#parts.emit({ type: 'warning', message })
    }
  }

  #forget(): void {
    this.#seen = undefined
    this.#brokenSince = undefined
    this.#reported = false
  }
}

/** Differs when a file was changed or replaced, or a link leads to another one. */
async function looksOf(paths: readonly string[]): Promise<string> {
  const looks = await Promise.all(
    paths.map(async (path) => {
      try {
        const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
        return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
      } catch (error) {
        return errorCode(error) ?? String(error) // it may come back
      }
    }),
  )
  return looks.join('\n')
}
