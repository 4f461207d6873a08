// The thread that compiles with the project's own compiler. Compiles a file with `typescript`, as
// `tsc --isolatedModules` would.
import { dirname } from 'node:path'
import type * as TypeScript from 'typescript'
import { isScript } from './is-script.ts'
import type { Compiled, Task } from './protocol.ts'

type Format = Compiled['format']

/** Throws a SyntaxError with `file:line:column: message`. */
export function compileWithTypeScript(ts: typeof TypeScript, task: Task): Compiled {
  if (task.kind !== 'ambiguous') return transpile(ts, task, task.kind)
  const compiled = transpile(ts, task, 'commonjs')
  return isScript(compiled.code) ? compiled : transpile(ts, task, 'module')
}

function transpile(ts: typeof TypeScript, task: Task, format: Format): Compiled {
  const output = ts.transpileModule(task.text, {
    fileName: task.path,
    reportDiagnostics: true,
    compilerOptions: compilerOptions(ts, task, format),
  })
  const problems = (output.diagnostics ?? []).filter(({ file }) => file !== undefined)
  if (problems.length > 0) throw new SyntaxError(problems.map((each) => describe(ts, each)).join('\n\n'))
  const code = output.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n')
  return { format, code, map: output.sourceMapText ?? '{}', ...namesOf(format, code) }
}

function compilerOptions(
  ts: typeof TypeScript,
  { path, options }: Task,
  format: Format,
): TypeScript.CompilerOptions {
  const { options: own } = ts.convertCompilerOptionsFromJson(options, dirname(path))
  // Before TypeScript 5.4 there is no Preserve.
  const { Preserve = ts.ModuleKind.ESNext } = ts.ModuleKind
  return {
    ...own,
    target: ts.ScriptTarget.ES2022, // what Node 20 runs
    useDefineForClassFields:
      own.useDefineForClassFields ?? (own.target ?? defaultTarget(ts)) >= ts.ScriptTarget.ES2022,
    module: format === 'commonjs' ? ts.ModuleKind.CommonJS : Preserve,
    moduleResolution:
      format === 'commonjs' ? ts.ModuleResolutionKind.Node10 : ts.ModuleResolutionKind.Bundler,
    ...(format === 'commonjs' ? { verbatimModuleSyntax: false } : {}),
    ...(own.jsx === ts.JsxEmit.Preserve || own.jsx === ts.JsxEmit.ReactNative
      ? { jsx: ts.JsxEmit.ReactJSX }
      : {}),
    rewriteRelativeImportExtensions: false,
    sourceMap: true,
    inlineSourceMap: false,
    inlineSources: false,
    removeComments: false,
  }
}

function defaultTarget(ts: typeof TypeScript): TypeScript.ScriptTarget {
  return Number.parseInt(ts.versionMajorMinor, 10) < 6 ? ts.ScriptTarget.ES5 : ts.ScriptTarget.ES2022
}

function describe(ts: typeof TypeScript, { file, start = 0, messageText }: TypeScript.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(messageText, '\n')
  if (file === undefined) return text
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  const place = `${file.fileName}:${line + 1}:${character + 1}`
  return `${place}: ${text}\n\n    ${file.text.split('\n')[line] ?? ''}\n    ${' '.repeat(character)}^`
}

function namesOf(format: Format, code: string): Pick<Compiled, 'exports' | 'reexports'> {
  if (format === 'module') return { exports: [], reexports: [] }
  const assigned = /\bexports\.([\w$]+) =|Object\.defineProperty\(exports, "([^"]+)"/g
  const names = [...code.matchAll(assigned)].map(([, one, other]) => one ?? other ?? '')
  const from = [...code.matchAll(/__exportStar\(require\("([^"]+)"\), exports\)/g)]
  return {
    exports: [...new Set(names)].filter((name) => name !== '__esModule'),
    reexports: from.map(([, specifier = '']) => specifier),
  }
}
