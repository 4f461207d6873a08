// Whether the packages with a binary for this platform can be used: an installation for another platform, or
// without optional dependencies, lacks them.

import { warning, wrong, type Finding } from './findings/finding.ts'
import { loadNative } from '../os/system/native.ts'
import { requireEsbuild } from '../modules/compile/esbuild.ts'
import { runEsbuild } from '../modules/compile/esbuild-failure.ts'

export function checkPackages(): Finding[] {
  return [...checkEsbuild(), ...checkKoffi()]
}

const reinstall = 'npm ci on this platform, without --omit=optional, and without a copied node_modules'

function checkEsbuild(): Finding[] {
  try {
    runEsbuild(() => requireEsbuild().transformSync('let a: number', { loader: 'ts' }))
    return []
  } catch (error) {
    return [wrong('esbuild', `TypeScript cannot be compiled: ${firstLine(error)}`, reinstall)]
  }
}

function checkKoffi(): Finding[] {
  const calls = loadNative()
  if (!(calls instanceof Error)) return []
  return [
    warning(
      'system calls',
      `${firstLine(calls)}: connections are refused until the first worker listens`,
      reinstall,
    ),
  ]
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0] ?? ''
}
