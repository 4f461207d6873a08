// Runs in the arbiter: which sockets a generation leaves behind. Pure.

/** The places, in this list, of the sockets that none of the generations has. */
export function orphanedPlaces<Socket>(
  listeners: readonly Socket[],
  generations: readonly { readonly listeners: readonly Socket[] }[],
): readonly number[] {
  return listeners.flatMap((listener, place) =>
    generations.some((each) => each.listeners.includes(listener)) ? [] : [place],
  )
}
