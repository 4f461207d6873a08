// Files of the project that hold secrets: private keys, and the variables of .env files.

import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** Directories of a project where keys are kept. */
const keyDirectories = ['.', 'certs', 'cert', 'ssl', 'tls', 'keys', 'secrets']

/** `more`: files that settings name. */
export function secretFiles(directory: string, more: readonly string[]): readonly string[] {
  const found = keyDirectories.flatMap((folder) =>
    namesIn(join(directory, folder)).map((name) => join(directory, folder, name)),
  )
  const env = found.filter((path) => /\/\.env(?:\.(?!example$|sample$|template$|dist$)[\w.-]+)?$/.test(path))
  const keys = found.filter((path) => /\.(?:key|pem)$/.test(path) && isPrivateKey(path))
  return [...new Set([...more, ...env, ...keys])]
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // most projects have none of them
  }
}

/** Certificates have the same endings, and are public. */
function isPrivateKey(path: string): boolean {
  try {
    const fd = openSync(path, 'r')
    try {
      const start = Buffer.alloc(4096)
      readSync(fd, start)
      return start.includes('PRIVATE KEY')
    } finally {
      closeSync(fd)
    }
  } catch {
    return false // a file that this user cannot read is safe from others too
  }
}
