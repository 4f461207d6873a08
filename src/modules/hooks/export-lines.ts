// Arbiter and workers. Code of an ES module that exports the properties of an object, whatever their names.

export function exportLines(object: string, names: readonly string[]): readonly string[] {
  return names.map((name, nr) => {
    const key = JSON.stringify(name)
    return `const name${nr} = ${object}?.[${key}]\nexport { name${nr} as ${key} }`
  })
}
