// Runs in the process of preload(): where a value is in what it returned, as a programmer would write it.

/** A step from an object to a part of it. Parts of a Map or a Set are counted from 0. */
export type Step =
  | { readonly kind: 'property'; readonly key: string }
  | { readonly kind: 'element'; readonly index: number }
  | { readonly kind: 'map value'; readonly key: unknown; readonly nr: number }
  | { readonly kind: 'map key'; readonly nr: number }
  | { readonly kind: 'set element'; readonly nr: number }

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u

/** Characters of a key that are shown. */
const longestKey = 60

export function describePlace(steps: readonly Step[]): string {
  return `preload()${steps.map(textOf).join('')}`
}

function textOf(step: Step): string {
  switch (step.kind) {
    case 'property':
      return identifier.test(step.key) ? `.${step.key}` : `[${quoted(step.key)}]`
    case 'element':
      return `[${step.index}]`
    case 'map value':
      return isShort(step.key) ? `.get(${quoted(step.key)})` : ` (value ${step.nr} of the Map)`
    case 'map key':
      return ` (key ${step.nr} of the Map)`
    case 'set element':
      return ` (element ${step.nr} of the Set)`
  }
}

function isShort(key: unknown): key is string | number {
  return (typeof key === 'string' && key.length <= longestKey) || typeof key === 'number'
}

function quoted(key: string | number): string {
  return JSON.stringify(typeof key === 'string' ? key.slice(0, longestKey) : key)
}
