// What an access line can say of a connection with TLS: variables with the names of Apache's mod_ssl. Runs in
// a worker, and in the arbiter when a config is checked.

import type { TlsFacts } from './entry.ts'

type Variable = (facts: TlsFacts) => string

const variables: Readonly<Record<string, Variable>> = {
  SSL_PROTOCOL: ({ protocol }) => protocol,
  SSL_CIPHER: ({ cipher }) => cipher,
  SSL_TLS_SNI: ({ serverName }) => serverName,
  SSL_SESSION_RESUMED: ({ resumed }) => (resumed ? 'Resumed' : 'Initial'),
  SSL_CLIENT_S_DN: ({ subject }) => subject,
  SSL_CLIENT_VERIFY: ({ verify }) => verify,
}

export const tlsVariableNames: readonly string[] = Object.keys(variables)

/** `name`: one of the names. */
export function tlsVariable(name: string): Variable {
  return variables[name] ?? (() => '')
}

/** Whether the lines of this format say anything of TLS. */
export function tellsOfTls(format: string, clientCertificates: boolean): boolean {
  return format === 'json' ? clientCertificates : /%\(\{[^{}]+\}x\)s/.test(format)
}
