// Runs in the arbiter: why an address cannot be listened on, said for a person, by the code of the system's
// error.

import { formatAddress, type Address } from './address.ts'

/** An address that cannot be bound, said for a person. */
export class BindError extends Error {
  override readonly name = 'BindError'
}

const explanations: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'it is in use by another process; stop that one or choose another address (`ss -lptnx` shows who ' +
    'listens)',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES:
    'permission denied; a port below 1024 needs root or CAP_NET_BIND_SERVICE, a unix socket a ' +
    'directory that can be written',
  EAFNOSUPPORT: 'this machine has no IPv6',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up (no answer from DNS)',
  ENOENT: 'the directory of the socket does not exist',
  ENOTDIR: 'the directory of the socket does not exist',
  EROFS: 'the directory of the socket is read-only',
  EBADF: 'there is no open descriptor with this number',
  EINVAL: 'it is not a socket that can listen',
  ENOTSOCK: 'the descriptor is not a socket',
}

/** The sentence of a BindError. */
export function explain(address: Address, error: unknown): string {
  const known = explanations[codeOf(error) ?? '']
  return (
    `cannot listen on ${formatAddress(address)}: ` +
    `${known ?? (error instanceof Error ? error.message : String(error))}`
  )
}

/** The `code` of a system error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
