// The thread that compiles with the project's own compiler. Compiles a file with `@swc/core`, in a project
// without `typescript`.
import type * as Swc from '@swc/core'
import { isScript } from './is-script.ts'
import type { Compiled, Task } from './protocol.ts'

/** Throws the error of swc. */
export function compileWithSwc(swc: typeof Swc, task: Task): Compiled {
  if (task.kind !== 'ambiguous') return transform(swc, task, task.kind)
  const compiled = transform(swc, task, 'commonjs')
  return isScript(compiled.code) ? compiled : transform(swc, task, 'module')
}

function transform(swc: typeof Swc, { path, text, options }: Task, format: Compiled['format']): Compiled {
  const isReact = options.jsx !== 'react'
  const { code, map = '{}' } = swc.transformSync(text, {
    filename: path,
    configFile: false,
    swcrc: false,
    sourceMaps: true,
    isModule: true,
    module: { type: format === 'commonjs' ? 'commonjs' : 'es6' },
    jsc: {
      target: 'es2022',
      keepClassNames: true,
      parser: { syntax: 'typescript', decorators: true, tsx: /x$/.test(path) },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: definesFields(options),
        react: {
          runtime: isReact ? 'automatic' : 'classic',
          importSource: options.jsxImportSource ?? 'react',
        },
        verbatimModuleSyntax: options.verbatimModuleSyntax ?? false,
      },
    },
  })
  return { format, code, map, ...namesOf(format, code) }
}

/** As esbuild does for the other files. */
function definesFields({ useDefineForClassFields, target = 'esnext' }: Task['options']): boolean {
  return useDefineForClassFields ?? /^es(?:next|20(?:2[2-9]|[3-9]\d))$/i.test(target)
}

function namesOf(format: Compiled['format'], code: string): Pick<Compiled, 'exports' | 'reexports'> {
  if (format === 'module') return { exports: [], reexports: [] }
  // One export is defined by its name; more are getters in one object.
  const defined = /^Object\.defineProperty\(exports, "([^"]+)"|^ {4}get ([\w$]+) ?\(\)/gm
  const names = [...code.matchAll(defined)].map(([, one, other]) => one ?? other ?? '')
  const from = [...code.matchAll(/_export_star\(require\("([^"]+)"\), exports\)/g)]
  return {
    exports: [...new Set(names)].filter((name) => name !== '__esModule'),
    reexports: from.map(([, specifier = '']) => specifier),
  }
}
