// Certificates on their way to a worker that runs its app already: the app shares the channel and sees each
// message (`process.on('message')`), but not the keys in it. The secret is in the boot message, which arrives
// before the app is loaded.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const cipher = 'aes-256-gcm'
const [nonceLength, tagLength] = [12, 16]

/** `secret`: 32 bytes in base64. */
export function seal(text: string, secret: string): string {
  const nonce = randomBytes(nonceLength)
  const encryption = createCipheriv(cipher, Buffer.from(secret, 'base64'), nonce)
  const sealed = Buffer.concat([encryption.update(text, 'utf8'), encryption.final()])
  return Buffer.concat([nonce, encryption.getAuthTag(), sealed]).toString('base64')
}

/** Throws for what was not sealed with this secret. */
export function unseal(sealed: string, secret: string): string {
  const bytes = Buffer.from(sealed, 'base64')
  const decryption = createDecipheriv(cipher, Buffer.from(secret, 'base64'), bytes.subarray(0, nonceLength))
  decryption.setAuthTag(bytes.subarray(nonceLength, nonceLength + tagLength))
  return (
    decryption.update(bytes.subarray(nonceLength + tagLength), undefined, 'utf8') + decryption.final('utf8')
  )
}
