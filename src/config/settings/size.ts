// Parses and formats sizes in bytes: 1048576, "1024K", "1M". Used by the arbiter and the command line. Pure.

const powers = { K: 10, M: 20, G: 30, T: 40 } as const

/**
 * Parses `512`, `512B`, `64K`, `1.5M`, `2GB` and `2GiB`, where K is 1024 bytes. Returns undefined for
 * anything else.
 */
export function parseSize(text: string): number | undefined {
  const [, digits, letter = ''] = /^(\d+(?:\.\d+)?) ?([KMGT]?)(?:i?B)?$/i.exec(text) ?? []
  if (digits === undefined) return undefined
  const size = Math.round(Number(digits) * 2 ** power(letter.toUpperCase()))
  return Number.isSafeInteger(size) ? size : undefined
}

/** Returns the shortest text for exactly this number of bytes. */
export function formatSize(bytes: number): string {
  const [letter, exponent] = Object.entries(powers).findLast(
    ([, each]) => bytes > 0 && bytes % 2 ** each === 0,
  ) ?? ['', 0]
  return `${bytes / 2 ** exponent}${letter}`
}

function power(letter: string): number {
  return letter in powers ? powers[letter as keyof typeof powers] : 0 // checked by `in`
}
