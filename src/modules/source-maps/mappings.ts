// Any process and thread: the field `mappings` of a source map (ECMA-426), read where a position is looked
// up. Node's SourceMap decodes the whole field into arrays: half a second and 140 MB for the map of a 9 MB
// bundle, in a worker that has to serve requests. Here it stays text, with a mark every 32 KiB.

/** A position in a source, counted from 0; `source` is an index into `sources`. */
export interface SourcePosition {
  readonly source: number
  readonly line: number
  readonly column: number
}

/** Characters of text between two marks. */
const markInterval = 32_768
const comma = 44
const semicolon = 59

const digits = new Uint8Array(128)
for (const [value, digit] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries())
  digits[digit.charCodeAt(0)] = value

export class Mappings {
  readonly #text: string
  /** The first segment, and one of each interval. */
  readonly #marks: readonly Segment[]

  constructor(text: string) {
    this.#text = text
    this.#marks = marksOf(text)
  }

  /** Returns the source of the last segment that starts at or before a position of the generated code. */
  find(line: number, column: number): SourcePosition | undefined {
    const mark = this.#marks.findLast((each) => !each.isAfter(line, column))
    if (mark === undefined) return undefined
    let found = mark
    for (const next = mark.copy(); next.advance(this.#text) && !next.isAfter(line, column);)
      found = next.copy()
    return found.position
  }
}

function marksOf(text: string): readonly Segment[] {
  const marks: Segment[] = []
  let end = 0
  for (const segment = new Segment(); segment.advance(text);) {
    if (segment.end < end) continue
    marks.push(segment.copy())
    end = segment.end + markInterval
  }
  return marks
}

/** A segment of the text; each of its numbers is stored as the difference to the segment before. */
class Segment {
  /** Where the text continues behind this segment. */
  end = 0
  #line = 0
  #column = 0
  #source = 0
  #sourceLine = 0
  #sourceColumn = 0
  #hasSource = false

  get position(): SourcePosition | undefined {
    if (!this.#hasSource) return undefined
    return { source: this.#source, line: this.#sourceLine, column: this.#sourceColumn }
  }

  isAfter(line: number, column: number): boolean {
    return this.#line > line || (this.#line === line && this.#column > column)
  }

  copy(): Segment {
    const copy = new Segment()
    copy.end = this.end
    copy.#line = this.#line
    copy.#column = this.#column
    copy.#source = this.#source
    copy.#sourceLine = this.#sourceLine
    copy.#sourceColumn = this.#sourceColumn
    copy.#hasSource = this.#hasSource
    return copy
  }

  /** Becomes the next segment; returns false at the end of the text. */
  advance(text: string): boolean {
    for (; this.#isAtEnd(text); this.end += 1) {
      if (this.end >= text.length) return false
      if (text.charCodeAt(this.end) !== semicolon) continue
      this.#line += 1
      this.#column = 0
    }
    this.#column += this.#number(text)
    this.#hasSource = !this.#isAtEnd(text)
    if (!this.#hasSource) return true
    this.#source += this.#number(text)
    this.#sourceLine += this.#number(text)
    this.#sourceColumn += this.#number(text)
    if (!this.#isAtEnd(text)) this.#number(text) // a name
    return true
  }

  #isAtEnd(text: string): boolean {
    const code = text.charCodeAt(this.end)
    return this.end >= text.length || code === comma || code === semicolon
  }

  /** A base64 VLQ number: five bits in each digit, the lowest first, of which the first is the sign. */
  #number(text: string): number {
    let value = 0
    let shift = 0
    let digit = 0
    do {
      digit = digits[text.charCodeAt(this.end)] ?? 0
      this.end += 1
      value |= (digit & 31) << shift
      shift += 5
    } while ((digit & 32) !== 0)
    return (value & 1) === 1 ? -(value >>> 1) : value >>> 1
  }
}
