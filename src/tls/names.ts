// The names of a certificate, and which certificate a client gets for the name that it asks for. Any process;
// pure.

/** A certificate of node:crypto, as far as its names are concerned. */
export interface Named {
  readonly subject: string
  readonly subjectAltName: string | undefined
}

/** Returns the DNS names in lower case; without any, the common name. Addresses are not asked for by SNI. */
export function namesOf({ subject, subjectAltName = '' }: Named): readonly string[] {
  // Node quotes a value with a comma or a quote, which is no name.
  const found = [...subjectAltName.matchAll(/(?:^|, )DNS:([^",\s]+)(?=,|$)/g)].map(([, name = '']) => name)
  const common = /^CN=(\S+)$/m.exec(subject)?.[1]
  const names = found.length > 0 || common === undefined ? found : [common]
  return [...new Set(names.map((name) => name.toLowerCase().replace(/\.$/, '')))]
}

/** Returns what is kept under the name, or under its wildcard, such as `*.example.org`. */
export function findByName<Value>(table: ReadonlyMap<string, Value>, name: string): Value | undefined {
  const asked = name.toLowerCase().replace(/\.$/, '')
  const dot = asked.indexOf('.')
  return table.get(asked) ?? (dot > 0 ? table.get(`*${asked.slice(dot)}`) : undefined)
}

/** Of several certificates with the same name the first one has it. */
export function tableByName<Value>(
  entries: readonly { readonly names: readonly string[]; readonly value: Value }[],
): ReadonlyMap<string, Value> {
  const table = new Map<string, Value>()
  for (const { names, value } of entries)
    for (const name of names) if (!table.has(name)) table.set(name, value)
  return table
}
