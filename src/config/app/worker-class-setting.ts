// The values of the setting `worker_class`: the name of a class that tsgun has, or the module of one that the
// user has written, as "module" or "module:export". Any process.

import { appSettingProblem } from './app-setting.ts'

/** The classes that tsgun has. */
export const classNames = ['async', 'sync', 'threads'] as const

/** Those that a class of the user may be built upon. */
export const baseNames = ['async', 'sync'] as const

export type ClassName = (typeof classNames)[number]
export type BaseName = (typeof baseNames)[number]

export function isClassName(value: string): value is ClassName {
  return classNames.some((name) => name === value)
}

export function isBaseName(value: unknown): value is BaseName {
  return baseNames.some((name) => name === value)
}

/** Whether a value names a class that gunicorn has, or one of a package of Python for it. */
export function isPythonClass(value: string): boolean {
  return /^[^/]*(?:gevent|gthread|eventlet|tornado|uvicorn)[^/]*$|^asgi$/i.test(value)
}

/** Completes "expected …" of an error. */
export const expectedClass = `${classNames.map((name) => `"${name}"`).join(', ')} or the path of a module`

/** Returns what is wrong with the value, or undefined. Whether the module exists is not looked at. */
export function classSettingProblem(value: string): string | undefined {
  if (isClassName(value)) return undefined
  if (isPythonClass(value)) return 'a class of Python'
  if (value.trim().endsWith(')')) return 'a module exports its class as it is: write no "()"'
  return appSettingProblem(value)
}

/** What to say of a word that is neither a name nor a module. */
export function unknownClass(word: string): string {
  return `expected ${expectedClass}; got ${JSON.stringify(word)}`
}
