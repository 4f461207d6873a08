// Runs in the arbiter: whether the source of an app may export preload(). The arbiter never runs the app, so
// this looks at the text. When it is wrong, another process looks in vain; an export that it does not find is
// noticed by a worker. Pure.

/** What stands before the name, or around it, in an export of ECMAScript or CommonJS. */
const exports: readonly RegExp[] = [
  /\bexport\s+(?:async\s+)?function\b[\s*]*preload\b/,
  /\bexport\s+(?:const|let|var)\s+preload\b/,
  /\bexport\s*\{[^}]*\bpreload\b/,
  /\bexports\s*\.\s*preload\s*=/,
  /\bexports\s*\[\s*['"]preload['"]\s*\]\s*=/,
  /\bmodule\.exports\s*=\s*\{[^}]*\bpreload\b/,
  /\bdefineProperty\(\s*(?:module\.)?exports\s*,\s*['"]preload['"]/,
]

export function mayExportPreload(source: string): boolean {
  return source.includes('preload') && exports.some((pattern) => pattern.test(source))
}
