// Runs in `tsgun build`: the place that the modules of the user see as their own (`import.meta.dirname`,
// `__dirname` and so on). It is the one in the project, seen from the folder app/ of the build, although
// esbuild joins many modules to one file: files of `--include` lie beside it. Pure.

import { dirname, relative, sep } from 'node:path'

/** What stands for the own place in the code; each module that uses one declares it. */
export const placeDefines: Readonly<Record<string, string>> = {
  'import.meta.url': 'tsgunUrl',
  'import.meta.filename': 'tsgunFilename',
  'import.meta.dirname': 'tsgunDirname',
  'import.meta.main': 'tsgunIsMain',
  'require.main': 'tsgunMain',
  __filename: 'tsgunFilename',
  __dirname: 'tsgunDirname',
}

/** In the banner, where the way from a file of the build to app/ is written. */
const base = '<app>'

/** CommonJS that becomes part of an ES module needs `require`. */
export const placeBanner =
  "import { realpathSync as tsgunRealPath } from 'node:fs'\n" +
  "import { createRequire as tsgunCreateRequire } from 'node:module'\n" +
  "import { fileURLToPath as tsgunToPath } from 'node:url'\n" +
  'const require = tsgunCreateRequire(import.meta.url)\n' +
  'const tsgunPlace = (path) => {\n' +
  `  const { href } = new URL(path, new URL('${base}', import.meta.url))\n` +
  '  const filename = tsgunToPath(href)\n' +
  "  return { href, filename, dirname: tsgunToPath(new URL('.', href)).slice(0, -1) }\n" +
  '}\n' +
  'const tsgunRuns = (file) => process.argv[1] !== undefined && tsgunRealPath(process.argv[1]) === file\n'

/** The banner of an output; `path`: in the folder app/. Its lines are as many as before. */
export function withPlace(code: string, path: string): string {
  const way = relative(dirname(path), '.').split(sep).join('/')
  return code.replace(`'${base}'`, JSON.stringify(way === '' ? './' : `${way}/`))
}

const used = /\bimport\s*\.\s*meta\b|\b__(?:file|dir)name\b|\brequire\s*\.\s*main\b/

export function usesPlace(text: string): boolean {
  return used.test(text)
}

/** `path`: of the module in the folder app/. All is on the first line: the others stay what they are. */
export function atPlace(text: string, path: string): string {
  const [hashbang = ''] = /^#!.*/.exec(text) ?? []
  const declared =
    `const { href: tsgunUrl, filename: tsgunFilename, dirname: tsgunDirname } = ` +
    `tsgunPlace(${JSON.stringify(encodeURI(path).replace(/[?#]/g, encodeURIComponent))});`
  const main = /\bimport\s*\.\s*meta\s*\.\s*main\b/.test(text)
    ? 'const tsgunIsMain = tsgunRuns(tsgunFilename);'
    : ''
  const required = /\brequire\s*\.\s*main\b/.test(text)
    ? 'const tsgunMain = tsgunRuns(tsgunFilename) ? module : undefined;'
    : ''
  return declared + main + required + text.slice(hashbang.length)
}

/** The path of a file of the project in the folder app/, with slashes, also of one beside the project. */
export function pathInApp(file: string, root: string): string {
  return relative(root, file)
    .split(sep)
    .map((part) => (part === '..' ? '_' : part))
    .join('/')
}
