// When a certificate is ordered, and when again after a failure. The arbiter and the process that orders.
// Pure.

/** Milliseconds after the first failure, the second, and so on; the last one stays. */
const pauses = [1, 5, 15, 60, 180, 360].map((minutes) => minutes * 60_000)
/** Milliseconds between two tries, whatever happens. */
export const shortestPause = 60_000
/** Let's Encrypt allows five failures in an hour: from the fourth one on tries are this far apart. */
const [fewFailures, carefulPause] = [4, 15 * 60_000]

/** The part of a certificate's life that is left when it is renewed, and by how much that differs. */
const [remaining, spread] = [1 / 3, 1 / 30]

export interface CertificateLife {
  readonly names: readonly string[]
  /** Made by this server, to have something to serve. */
  readonly isPlaceholder: boolean
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly expires: number
}

/** `jitter`: 0 to 1, so that several servers do not renew at the same time. */
export function renewalTime(
  { from, expires }: Pick<CertificateLife, 'from' | 'expires'>,
  jitter: number,
): number {
  return expires - (expires - from) * (remaining + spread * jitter)
}

/** Whether a certificate for these names has to be ordered. */
export function isDue(
  life: CertificateLife | undefined,
  domains: readonly string[],
  { now, jitter }: { readonly now: number; readonly jitter: number },
): boolean {
  if (life === undefined || life.isPlaceholder || !covers(life, domains)) return true
  return now >= renewalTime(life, jitter)
}

export function covers({ names }: Pick<CertificateLife, 'names'>, domains: readonly string[]): boolean {
  return domains.every((domain) => names.includes(domain))
}

/**
 * Milliseconds between a failure and the next try that a restart or a reload cannot make shorter. `failures`:
 * in a row.
 */
export function leastPause(failures: number): number {
  return failures < fewFailures ? shortestPause : carefulPause
}

/**
 * Milliseconds until the next try. `failures`: in a row. `asked`: how long the authority wants
 * this server to wait.
 */
export function pauseAfter(failures: number, asked = 0): number {
  const own = pauses[Math.min(failures, pauses.length) - 1] ?? shortestPause
  return Math.max(own, asked)
}
