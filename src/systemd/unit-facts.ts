// Runs in the command `tsgun systemd`: what the units are made from, and how they quote text. Pure.

import type { Settings } from '../config/settings/table.ts'

export interface UnitFacts {
  /** The absolute path of Node.js. */
  readonly node: string
  /** The absolute path of tsgun. */
  readonly bin: string
  /** The command-line arguments that the server is started with. */
  readonly words: readonly string[]
  /** The directory that the server is started in. */
  readonly directory: string
  readonly settings: Settings
  /** Whether systemd opens the sockets. */
  readonly isActivated: boolean
}

/**
 * Returns one word of a command line, quoted for systemd.syntax(7) and systemd.service(5): no specifier and
 * no variable in it is expanded.
 */
export function quote(word: string): string {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@%$+=:,./-]+$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&')}"`
}
