// Master and worker: what keeps the event loop running, by `process.getActiveResourcesInfo()`. Pure.

/** Returns the resources that are not among `known`, counting each kind. */
export function without(resources: readonly string[], known: readonly string[]): string[] {
  const rest = [...known]
  return resources.filter((resource) => {
    const place = rest.indexOf(resource)
    if (place === -1) return true
    rest.splice(place, 1)
    return false
  })
}

/** `Timeout, 2 × TCPSocketWrap` */
export function listResources(resources: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const resource of resources) counts.set(resource, (counts.get(resource) ?? 0) + 1)
  return [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`)).join(', ')
}
