// A random draw that is the same for the same seed.

/** Returns a generator of numbers from 0 up to 1 (mulberry32): the same numbers for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Draws `count` items, or all if there are fewer: one out of each of `count` stretches of equal length. So
 * each file whose items lie next to each other gets its share by size.
 */
export function drawEvenly<T>(items: readonly T[], count: number, random: () => number): readonly T[] {
  if (count >= items.length) return items
  const length = items.length / count
  return Array.from({ length: count }, (_, stretch) => {
    const first = Math.ceil(stretch * length)
    const next = Math.ceil((stretch + 1) * length)
    return items[first + Math.floor(random() * (next - first))]
  }).filter((item) => item !== undefined)
}
