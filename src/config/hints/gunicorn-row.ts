// The shape of the rows of gunicorn's settings.

/** `same`, `adapted`: it is here. `later`: planned. `absent`: it will not be here. */
export type Answer = 'same' | 'adapted' | 'later' | 'absent'

export interface GunicornRow {
  readonly answer: Answer
  /** How it differs, or what to use instead; in Markdown. Empty if there is nothing to say. */
  readonly text: string
  /** Its flags in gunicorn, separated by spaces. */
  readonly flags: string
  /** Its name here, if that is another. */
  readonly here?: string
}

/** The rows by section and name. */
export type GunicornSettings = Readonly<Record<string, Readonly<Record<string, GunicornRow>>>>

type Row = (text?: string, flags?: string, here?: string) => GunicornRow

const row =
  (answer: Answer): Row =>
  (text = '', flags = '', here = undefined) => ({
    answer,
    text,
    flags,
    ...(here === undefined ? {} : { here }),
  })

export const same = row('same')
export const adapted = row('adapted')
export const later = row('later')
export const absent = row('absent')
