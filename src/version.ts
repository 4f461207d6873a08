// The version of this package, for every process that shows it.

import { versionIn } from './ipc/home.ts'
import { ownPackage } from './os/own-code.ts'

export function readVersion(): string {
  return versionIn(ownPackage) ?? 'unknown'
}
