// Runs in a worker: why a handshake has failed, in words for the error log. Pure.

import type { TLSSocket } from 'node:tls'
import { errorCode } from '../../os/error-code.ts'

const reasons: Readonly<Record<string, string>> = {
  ECONNRESET: 'the client has closed the connection',
  EPIPE: 'the client has closed the connection',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'the handshake took too long',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the client only has versions of TLS below tls_min_version',
  ERR_SSL_NO_SHARED_CIPHER: 'the client and `ciphers` have no cipher in common',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what the client sends is not TLS',
  ERR_SSL_HTTP_REQUEST: 'the client speaks plain HTTP',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'the client has shown no certificate (cert_reqs)',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'the client speaks none of the protocols that are offered (ALPN)',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the client does not trust the certificate of the server',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'the client does not accept the certificate of the server',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the client does not accept the certificate of the server',
}

/** `error` is undefined when the server itself has refused the certificate of the client. */
export function describeFailure(
  error: Error | undefined,
  secure: Pick<TLSSocket, 'authorizationError'>,
): string {
  const refused: unknown = secure.authorizationError // a code, although it is typed as an Error
  const isRefused = error === undefined || errorCode(error) === 'ECONNRESET'
  if (isRefused && typeof refused === 'string')
    return `the certificate of the client is not valid: ${refused}`
  if (error === undefined) return 'the certificate of the client is not valid'
  const known = reasons[errorCode(error) ?? '']
  const reason: unknown = Reflect.get(error, 'reason') // of OpenSSL
  return known ?? (typeof reason === 'string' ? reason : error.message)
}

/** Whether the client has shown a certificate, valid or not. */
export function shownCertificate(secure: Pick<TLSSocket, 'getPeerX509Certificate'>): boolean {
  return secure.getPeerX509Certificate() !== undefined
}
