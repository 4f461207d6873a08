// Used by the arbiter and the command line, for settings that accept one value or a list, or a list as text.

export function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

/** The parts of text with commas. */
export const splitCommas = (text: string): readonly string[] => text.split(',').map((part) => part.trim())
