// What tls.createSecureContext() gets for a certificate, in the arbiter, which tries it, and in the workers.

import { createHash } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import type { TlsSettings } from './files.ts'
import type { CertificateMaterial, TlsMaterial } from './material.ts'

export function contextOptions(
  { ca }: Pick<TlsMaterial, 'ca'>,
  { cert, key }: CertificateMaterial,
  modes: Pick<TlsSettings, 'cert_reqs' | 'ciphers' | 'tls_min_version'>,
): SecureContextOptions {
  const { cert_reqs, ciphers, tls_min_version: minVersion } = modes
  return {
    cert: [...cert],
    key: [...key],
    minVersion,
    honorCipherOrder: true,
    // A session can be resumed only where the client would have had to show the same certificate.
    sessionIdContext: createHash('sha256')
      .update(`${cert_reqs}\n${ca ?? ''}`)
      .digest('hex')
      .slice(0, 32),
    ...(ciphers === null ? {} : { ciphers }),
    ...(ca === undefined ? {} : { ca }),
  }
}
