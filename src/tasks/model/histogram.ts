// Times of tasks in buckets of a logarithmic scale, so that those of several processes add up. Any process.
// Pure.

/** Buckets for each doubling: a quantile is at most 19 % above the true value. */
const perDoubling = 4
/** Milliseconds: what is shorter is in the first bucket. */
const shortest = 0.01
/** Up to 0.01 ms * 2^(119 / 4), which is 2.5 hours; what is longer is in the last bucket. */
const buckets = 120

/** Counts for each bucket. */
export type Counts = readonly number[]

export class Histogram {
  readonly #counts = new Array<number>(buckets).fill(0)

  record(milliseconds: number): void {
    const bucket = bucketOf(milliseconds)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
  }

  counts(): Counts {
    return [...this.#counts]
  }
}

function bucketOf(milliseconds: number): number {
  if (!(milliseconds > shortest)) return 0
  return Math.min(buckets - 1, Math.ceil(Math.log2(milliseconds / shortest) * perDoubling))
}

/** The counts of several processes together. */
export function addCounts(one: Counts, other: Counts): Counts {
  return Array.from({ length: buckets }, (_, bucket) => (one[bucket] ?? 0) + (other[bucket] ?? 0))
}

/** What has been counted since an earlier reading of the same histogram. */
export function subtractCounts(later: Counts, earlier: Counts): Counts {
  return Array.from({ length: buckets }, (_, bucket) => (later[bucket] ?? 0) - (earlier[bucket] ?? 0))
}

/**
 * Milliseconds in which this share (0 to 1) of the recorded times lie: the upper end of a bucket. Undefined
 * when there are none.
 */
export function quantile(counts: Counts, share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  let rest = Math.max(1, Math.ceil(total * share))
  const bucket = counts.findIndex((count) => (rest -= count) <= 0)
  return shortest * 2 ** (bucket / perDoubling)
}
