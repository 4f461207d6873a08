// Used by the arbiter and the command line: some settings take one value or several.

export function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
