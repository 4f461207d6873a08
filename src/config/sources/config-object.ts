// What a config file's module means: its default export, or what that function answers. In the arbiter and in
// every worker.

/** Rejects with a TypeError that says what the file exports instead. */
export async function configObject(
  module: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const exported = unwrap(module)
  const config: unknown =
    // a config file's own function
    typeof exported === 'function' ? await (exported as () => unknown)() : await exported
  if (typeof config === 'object' && config !== null && !Array.isArray(config))
    return config as Readonly<Record<string, unknown>> // any object has string keys
  throw new TypeError(
    'the default export should be an object or a function that answers one, as defineConfig gives; it ' +
      `is ${config === undefined ? 'missing' : typeof config}`,
  )
}

/** Compiled TypeScript that is required has the ES module's default, if it has one, below CommonJS's own. */
function unwrap(module: Readonly<Record<string, unknown>>): unknown {
  const outer = module['default']
  if (typeof outer !== 'object' || outer === null || !('__esModule' in outer)) return outer
  return 'default' in outer ? outer.default : undefined
}
