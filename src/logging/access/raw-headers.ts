// Finds a request header in `rawHeaders` of Node's parser. Runs in a worker, a few times per request. The
// list has every field as it was sent; `IncomingMessage.headers` has a prototype (a header may be named
// `constructor`), drops duplicates, and is changed by apps.

/** Returns a header by its lower-case name; several fields with that name are joined by `, `. */
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
