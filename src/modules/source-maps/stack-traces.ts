// Workers, main thread, and the threads and processes that an app starts. Maps stack traces to the sources,
// lines and columns that the user has written. The arbiter uses Node's source maps, but Node parses the map
// of each module that it loads (7 to 15 % of the boot of a worker with 300 modules); here a map is read when
// a stack trace needs it.

import { createLocate, frameText, inSource, isOfCompiled, type CodeOf, type Locate } from './frames.ts'

type Formatter = NonNullable<typeof Error.prepareStackTrace>

/**
 * Maps the stack of each error from now on, unless Node does it (`--enable-source-maps`). An app may set a
 * formatter of its own (source-map-support, depd): it receives frames of the TypeScript that tsgun has
 * compiled, whose maps it cannot find, at their place in the source. It finds those of the app's own build.
 */
export function mapStackTraces(codeOf: CodeOf): void {
  const { ours, wrap } = createFormatters(createLocate(codeOf))
  const standard = process.sourceMapsEnabled === true ? Error.prepareStackTrace : ours
  let current = standard
  Object.defineProperty(Error, 'prepareStackTrace', {
    configurable: true,
    enumerable: false,
    get: () => current,
    set(formatter: Formatter | undefined) {
      if (typeof formatter !== 'function') current = standard
      else current = formatter === standard ? standard : wrap(formatter)
    },
  })
}

function createFormatters(locate: Locate): {
  readonly ours: Formatter
  /** The formatter of an app, with mapped frames. */
  wrap(formatter: Formatter): Formatter
} {
  const wrapped = new WeakSet<Formatter>()
  const mapped = new WeakSet<NodeJS.CallSite>()
  const mapFrame = (frame: NodeJS.CallSite): NodeJS.CallSite => {
    const original = isOfCompiled(frame) && !mapped.has(frame) ? locate(frame) : undefined
    if (original === undefined) return frame
    const moved = inSource(frame, original)
    mapped.add(moved)
    return moved
  }
  return {
    // an app's formatter may call this one with the frames that it received
    ours: (error, frames) =>
      [
        headOf(error),
        ...frames.map((frame) => `    at ${frameText(frame, mapped.has(frame) ? undefined : locate(frame))}`),
      ].join('\n'),
    wrap(formatter) {
      if (wrapped.has(formatter)) return formatter // an app restores what it has found
      const mapping: Formatter = (error, frames) => formatter.call(Error, error, frames.map(mapFrame))
      wrapped.add(mapping)
      return mapping
    },
  }
}

/** The text of V8 above the frames. */
function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return '<error>' // as in V8, for an error whose name or message throws
  }
}
