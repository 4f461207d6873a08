// Runs in the arbiter: messages for the operator about an address that cannot be bound, by error code.

import { messageOf } from '../os/error-message.ts'
import { errorCode } from '../os/error-code.ts'
import { loadingShortageOf } from '../os/limits/shortage.ts'
import { formatAddress, type Address } from './address.ts'

/** An address that cannot be bound. The message is for the operator. */
export class BindError extends Error {
  override readonly name = 'BindError'
}

const explanations: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'it is in use by another process; stop that process or choose another address (`ss -lptnx` shows the ' +
    'process)',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES:
    'permission denied; a port below 1024 needs root or CAP_NET_BIND_SERVICE, a unix socket a writable ' +
    'directory',
  EAFNOSUPPORT: 'this machine has no IPv6',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up (no answer from DNS)',
  ENOENT: 'the directory of the socket does not exist',
  ENOTDIR: 'the directory of the socket does not exist',
  EROFS: 'the directory of the socket is read-only',
  EBADF: 'no descriptor with this number is open',
  EINVAL: 'it is not a socket that can listen',
  ENOTSOCK: 'the descriptor is not a socket',
}

/** Returns the message of a BindError. */
export function explain(address: Address, error: unknown): string {
  const known = explanations[errorCode(error) ?? '']
  const reason = known ?? loadingShortageOf(error) ?? messageOf(error)
  return `cannot listen on ${formatAddress(address)}: ${reason}`
}
