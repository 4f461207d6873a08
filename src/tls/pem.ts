// Runs in the arbiter and the command line: splits a PEM file into its parts, and says what a file is that is
// no PEM. Pure.

export interface PemBlock {
  /** `CERTIFICATE`, `EC PRIVATE KEY`, … */
  readonly label: string
  readonly text: string
}

const block = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[\s\S]*?-----END \1-----/g

export function pemBlocks(text: string): readonly PemBlock[] {
  return [...text.matchAll(block)].map(([all, label = '']) => ({ label, text: `${all}\n` }))
}

export const isCertificate = ({ label }: PemBlock): boolean => /^(?:X509 |TRUSTED )?CERTIFICATE$/.test(label)

export const isKey = ({ label }: PemBlock): boolean => label.endsWith('PRIVATE KEY')

export const isEncrypted = ({ label, text }: PemBlock): boolean =>
  label.startsWith('ENCRYPTED ') || /^Proc-Type: 4,ENCRYPTED/m.test(text)

/** What a file holds in which something else was expected: `it holds a private key`. */
export function whatIsIn(bytes: Buffer): string {
  if (bytes.length === 0) return 'it is empty'
  const text = bytes.toString('latin1')
  const blocks = pemBlocks(text)
  const [first] = blocks
  if (first !== undefined) return `it holds ${[...new Set(blocks.map(nameOf))].join(' and ')}`
  if (text.includes('-----BEGIN ')) return 'its PEM is cut off or damaged'
  // The first byte of DER, of a certificate, a key or PKCS #12: a SEQUENCE.
  if (bytes[0] === 0x30)
    return 'it is binary (DER or PKCS #12); convert it: openssl x509 -inform der, or openssl pkcs12 -nodes'
  return 'it is no PEM'
}

function nameOf({ label }: PemBlock): string {
  if (label.endsWith('PRIVATE KEY')) return 'a private key'
  if (label.endsWith('CERTIFICATE REQUEST')) return 'a certificate request (CSR)'
  return label.endsWith('CERTIFICATE') ? 'certificates' : `"${label}"`
}
