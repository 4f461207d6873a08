// Adds a property to all objects of a prototype, for example to every request. Any process.

/**
 * Defines a property on `prototype` whose value is `read(object)` at each access. It is not enumerable, so
 * copies of an object do not have it. Assigning a value to it replaces it on that object.
 */
export function defineAccessor<Target extends object>(
  prototype: object,
  name: string,
  read: (object: Target) => unknown,
): void {
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: false,
    get(this: Target) {
      return read(this)
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true })
    },
  })
}
