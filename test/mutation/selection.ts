// Selects the unit test files that run for a mutated source file: those that import it, directly or through
// other files. The nearest run first, because they are the most likely to fail.

import { dirname, join, normalize, relative } from 'node:path'
import ts from 'typescript'

/** Each file with the files that it imports when it runs. Paths are relative to the repository. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** Returns the import graph of source texts by their path. Imports of types alone are left out. */
export function importGraph(texts: ReadonlyMap<string, string>): ImportGraph {
  return new Map(
    [...texts].map(([file, text]) => {
      const imported = specifiersOf(file, text)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => normalize(join(dirname(file), specifier)))
      return [file, imported.filter((path) => texts.has(path))]
    }),
  )
}

/**
 * Returns the unit tests of a source file: the test at its mirror path first, then by the number of imports
 * in between, then by the number of folders in between.
 */
export function testsFor(file: string, graph: ImportGraph): readonly string[] {
  const distances = distancesTo(file, graph)
  const mirror = mirrorOf(file)
  if (graph.has(mirror)) distances.set(mirror, 0)
  const folders = (test: string): number =>
    relative(dirname(mirror), dirname(test)).split('/').filter(Boolean).length
  return [...distances]
    .filter(([path]) => path.startsWith('test/unit/') && path.endsWith('.test.ts'))
    .sort(([a, far], [b, further]) => far - further || folders(a) - folders(b) || a.localeCompare(b))
    .map(([path]) => path)
}

/** Returns the path of a source file's own unit test. */
function mirrorOf(file: string): string {
  return file.replace(/^src\//, 'test/unit/').replace(/\.ts$/, '.test.ts')
}

/** Returns how many imports lie between a file and each file that imports it directly or indirectly. */
function distancesTo(file: string, graph: ImportGraph): Map<string, number> {
  const importers = new Map<string, string[]>()
  for (const [importer, imported] of graph) {
    for (const path of imported) importers.set(path, [...(importers.get(path) ?? []), importer])
  }
  const distances = new Map([[file, 0]])
  // A map visits the entries that are added while it is read: this is a breadth-first search.
  for (const [path, distance] of distances) {
    for (const importer of importers.get(path) ?? []) {
      if (!distances.has(importer)) distances.set(importer, distance + 1)
    }
  }
  return distances
}

function specifiersOf(file: string, text: string): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const specifiers: string[] = []
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier && ts.isStringLiteralLike(specifier)) specifiers.push(specifier.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return specifiers
}

/** Returns the specifier of an import, an `export … from`, an `import()` or a `new URL(…)`. */
function specifierOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isImportDeclaration(node)) return isTypeOnly(node.importClause) ? undefined : node.moduleSpecifier
  if (ts.isExportDeclaration(node)) return node.isTypeOnly ? undefined : node.moduleSpecifier
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return node.arguments[0]
  }
  const isUrl = ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'URL'
  return isUrl ? node.arguments?.[0] : undefined
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  if (clause.name || !bindings || !ts.isNamedImports(bindings)) return false
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly)
}
