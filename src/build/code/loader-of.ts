// Runs in `tsgun build`: how esbuild reads a file. Pure.

import type { Loader } from 'esbuild'

export function loaderOf(path: string): Loader {
  const [, kind = 'j', jsx = ''] = /\.[cm]?([jt])s(x?)$/.exec(path) ?? []
  return kind === 't' ? (jsx === '' ? 'ts' : 'tsx') : jsx === '' ? 'js' : 'jsx'
}
