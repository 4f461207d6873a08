// Runs in a worker: how long a request has waited before this server, from the header X-Request-Start of a
// proxy. Pure but for the property of the request.

const waitedKey = Symbol('tsgun.waited')

interface Waited {
  [waitedKey]?: number
}

/** Above this, milliseconds: the clock of the proxy is wrong. */
const longest = 86_400_000
/** Milliseconds by which the clock of the proxy may be ahead. */
const skew = 1000

/**
 * Parses `t=1512379167.574` (seconds, nginx), `1512379167574` (milliseconds, Heroku) and
 * `t=1512379167574000` (microseconds, Apache). Returns milliseconds; undefined when it is not valid.
 */
export function waitedSince(value: string, now: number): number | undefined {
  const digits = /^(?:t=)?(\d{9,19}(?:\.\d{1,9})?)$/.exec(value.trim())?.[1]
  if (digits === undefined) return undefined
  const number = Number(digits)
  const start =
    number < 1e11 ? number * 1000 : number < 1e14 ? number : number < 1e17 ? number / 1e3 : number / 1e6
  const waited = now - start
  return waited > longest || waited < -skew ? undefined : Math.max(0, waited)
}

export function noteWaited(request: object, waited: number): void {
  const noted: Waited = request
  noted[waitedKey] = waited
}

/** Milliseconds; undefined when it is not known. */
export function waitedOf(request: object): number | undefined {
  const noted: Waited = request
  return noted[waitedKey]
}
