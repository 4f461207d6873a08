// The names of rotated files: `access.log.2026-11-23.0001`, with `.gz` when compressed. They are in the
// directory of the log file and sort in the order in which they were written. A file with any other name does
// not belong to the server. Pure.

const name = /^(\d{4}-\d\d-\d\d(?:T\d\d(?:\d\d){0,2})?)\.(\d{4,9})(\.gz|\.gz\.part)?$/

const forms = { '': 'plain', '.gz': 'gzip', '.gz.part': 'part' } as const

export interface RotatedFile {
  readonly name: string
  readonly stamp: string
  readonly index: number
  /** `part`: a compression that is not finished. */
  readonly form: (typeof forms)[keyof typeof forms]
}

/** Returns the rotated files of a log among the names of a directory, oldest first. */
export function rotatedFiles(log: string, names: readonly string[]): readonly RotatedFile[] {
  return names.flatMap((each) => parse(log, each)).sort(inOrder)
}

export interface NextName {
  readonly log: string
  /** The date of the lines in the file. */
  readonly stamp: string
  /**
   * If the clock was set back, existing files have later stamps. The new file is sorted after those up to
   * this stamp; later ones are ignored.
   */
  readonly latestStamp: string
  readonly existing: readonly RotatedFile[]
}

/** Returns a name that sorts after the existing ones. */
export function nextName({ log, stamp, latestStamp, existing }: NextName): string {
  const last = existing.filter((file) => file.stamp <= latestStamp).at(-1)
  const behind = last !== undefined && last.stamp > stamp ? last.stamp : stamp
  const index = Math.max(0, ...existing.filter((file) => file.stamp === behind).map((file) => file.index)) + 1
  return `${log}.${behind}.${String(index).padStart(4, '0')}`
}

function parse(log: string, each: string): RotatedFile[] {
  if (!each.startsWith(`${log}.`)) return []
  const [, stamp, digits, ending = ''] = name.exec(each.slice(log.length + 1)) ?? []
  if (stamp === undefined || !isEnding(ending)) return []
  return [{ name: each, stamp, index: Number(digits), form: forms[ending] }]
}

function isEnding(ending: string): ending is keyof typeof forms {
  return Object.hasOwn(forms, ending)
}

function inOrder(one: RotatedFile, other: RotatedFile): number {
  if (one.stamp !== other.stamp) return one.stamp < other.stamp ? -1 : 1
  return one.index - other.index
}
