// Used by the arbiter and the command line, for settings that accept one value or a list.

export function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
