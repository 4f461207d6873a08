// The shape of the rows of PM2's fields.

import type { SettingName } from '../settings/table.ts'

export interface Pm2Row {
  /** The setting of that meaning. */
  readonly here?: SettingName
  /** What to use instead, in Markdown. */
  readonly text: string
  /** Its flags in PM2, separated by spaces. */
  readonly flags: string
  /** PM2 counts milliseconds, the setting seconds. */
  readonly isMilliseconds?: true
}

/** A field that is a setting here; `text` is what the page says besides. */
export const is = (here: SettingName, flags = '', text = ''): Pm2Row => ({ here, text, flags })

/** A time. */
export const time = (here: SettingName, flags = ''): Pm2Row => ({
  here,
  text: 'in seconds',
  flags,
  isMilliseconds: true,
})

/** A field without a setting of its meaning. */
export const no = (text: string, flags = ''): Pm2Row => ({ text, flags })
