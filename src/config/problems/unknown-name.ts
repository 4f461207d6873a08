// Runs in the arbiter: why an order for something that the server does not have is refused. Pure.

export function unknownName(what: string, name: string, known: readonly string[]): string {
  const only = known.length === 0 ? '' : `, only ${known.map((each) => `"${each}"`).join(', ')}`
  return `there is no ${what} "${name}"${only}`
}
