// The version of this package, for every process that shows it.

import { ownHome, versionIn } from './ipc/home.ts'

export function readVersion(): string {
  return versionIn(ownHome) ?? 'unknown'
}
