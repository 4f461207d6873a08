// What a check of the machine or of the settings has found. Used by `tsgun doctor` and `--check-config`.

/** `wrong`: it does not work as configured. `warning`: it works, and an operator should know. */
export type Level = 'ok' | 'warning' | 'wrong'

export interface Finding {
  readonly level: Level
  /** The setting or the part of the machine. */
  readonly subject: string
  readonly message: string
  /** What to do, unless all is well. */
  readonly remedy?: string
}

export const ok = (subject: string, message: string): Finding => ({ level: 'ok', subject, message })

export const warning = (subject: string, message: string, remedy: string): Finding => ({
  level: 'warning',
  subject,
  message,
  remedy,
})

export const wrong = (subject: string, message: string, remedy: string): Finding => ({
  level: 'wrong',
  subject,
  message,
  remedy,
})
