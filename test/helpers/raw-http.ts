// What the tests that send raw requests share: an app, a source of random numbers, and a limit for how many
// run at a time.

/** Responds to each request with `METHOD TARGET LENGTH`, where LENGTH is that of the body. */
export const bodyApp = `export default (req, res) => {
  let size = 0
  req.on('data', (chunk) => (size += chunk.length))
  req.on('error', () => undefined)
  req.on('end', () => {
    const text = req.method + ' ' + req.url + ' ' + size
    res.setHeader('content-length', Buffer.byteLength(text))
    res.end(text)
  })
}\n`

/** Runs at most 20 at a time. */
export async function forAll<Item>(
  items: readonly Item[],
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items]
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await run(item)
    }),
  )
}

/** mulberry32 */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}
