// Finds a request header in the list that Node's parser leaves. Runs in a worker, a few times a request. The
// list has every field as it was sent; `IncomingMessage.headers` has a prototype (a header may be called
// `constructor`), drops duplicates, and apps change it.

/** The value of a header by its lower-case name; several fields of that name are joined by `, `. */
export function findHeader(rawHeaders: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const field = rawHeaders[at]
    if (field === undefined || field.length !== name.length || field.toLowerCase() !== name) continue
    const value = rawHeaders[at + 1] ?? ''
    found = found === undefined ? value : `${found}, ${value}`
  }
  return found
}
