// Runs in the command `tsgun systemd`: words as unit files want them (systemd.syntax(7), systemd.service(5)).
// Pure.

/** One word of a command line: no specifier, no variable, no quote in it is systemd's. */
export function quote(word: string): string {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@%$+=:,./-]+$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&')}"`
}
