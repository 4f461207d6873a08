// Runs in `tsgun init` and `tsgun migrate`: the parts of package.json that they use. Pure. A part of the
// wrong type is taken as missing: npm reports it.

import { isRecord } from '../../os/type-checks.ts'

export interface PackageFacts {
  readonly name: string | undefined
  readonly main: string | undefined
  readonly scripts: Readonly<Record<string, string>>
  /** The names of all dependencies, those for development included. */
  readonly dependencies: ReadonlySet<string>
  /** Whether it is the root of several packages. */
  readonly hasWorkspaces: boolean
  /** Whether it has a config of tsgun under the key `tsgun`. */
  readonly hasConfig: boolean
}

/** Throws a SyntaxError with the path when the text is not a JSON object. */
export function parsePackage(text: string, path: string): PackageFacts {
  const value = parse(text, path)
  const { name, main, scripts, dependencies, devDependencies, workspaces, tsgun } = value
  return {
    name: typeof name === 'string' ? name : undefined,
    main: typeof main === 'string' ? main : undefined,
    scripts: texts(scripts),
    dependencies: new Set([...Object.keys(texts(dependencies)), ...Object.keys(texts(devDependencies))]),
    hasWorkspaces: workspaces !== undefined,
    hasConfig: tsgun !== undefined,
  }
}

function parse(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''))
    if (isRecord(value)) return value
  } catch (error) {
    throw new SyntaxError(`${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
  throw new SyntaxError(`${path}: expected an object`)
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
