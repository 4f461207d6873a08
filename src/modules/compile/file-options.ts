// Arbiter and workers, main and hook thread. The options of esbuild for a file that its tsconfig.json asks
// for and that esbuild does not find by itself.
import { readFileSync } from 'node:fs'
import type { BuildOptions } from 'esbuild'
import type { TsconfigReader } from '../files/tsconfig.ts'

export type FileOptions = Pick<BuildOptions, 'tsconfig' | 'jsx'>

export function fileOptions(path: string, tsconfig: TsconfigReader): FileOptions {
  const referenced = tsconfig.referencedBy(path)
  return {
    ...(referenced === undefined ? {} : { tsconfig: referenced }),
    ...(isAutomaticJsx(path, tsconfig) ? { jsx: 'automatic' } : {}),
  }
}

/** The function that JSX is to call: that of a comment, or a React in the file itself. */
const ownFunction =
  /@jsx\s|^\s*import\s(?!type\s)[^'"]*\bReact\b[^'"]*from|^\s*(?:const|let|var|function)\s+React\b/m

/**
 * `jsx: "preserve"` leaves JSX to a later tool, which in Next and the like imports what it needs. esbuild
 * would write `React.createElement`, which only a file that has a React can run.
 */
function isAutomaticJsx(path: string, tsconfig: TsconfigReader): boolean {
  if (!/\.[jt]sx$/.test(path) || !/"(?:jsx|extends|references)"\s*:/.test(tsconfig.textNear(path)))
    return false
  const { jsx, jsxFactory, jsxFragmentFactory } = tsconfig.optionsOf(path)
  if (!/^(?:preserve|react-native)$/i.test(jsx ?? '') || (jsxFactory ?? jsxFragmentFactory) !== undefined)
    return false
  return !ownFunction.test(readFileSync(path, 'utf8'))
}
