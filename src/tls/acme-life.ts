// From when to when a certificate is valid, and for which names. The arbiter and the process that orders.

import { X509Certificate } from 'node:crypto'
import type { CertificateLife } from './acme-due.ts'
import { namesOf } from './names.ts'
import { isCertificate, pemBlocks } from './pem.ts'

export function lifeOf(leaf: X509Certificate): CertificateLife {
  return {
    names: namesOf(leaf),
    isPlaceholder: leaf.issuer === leaf.subject,
    from: Date.parse(leaf.validFrom),
    expires: Date.parse(leaf.validTo),
  }
}

/** Of the first certificate in a PEM. Undefined for a PEM without one, or when it is damaged. */
export function certificateLife(pem: string): CertificateLife | undefined {
  const block = pemBlocks(pem).find(isCertificate)
  if (block === undefined) return undefined
  try {
    return lifeOf(new X509Certificate(block.text))
  } catch {
    return undefined // what cannot be read is ordered again
  }
}
