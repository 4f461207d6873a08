// Runs in a worker: what its event loop has to do for tsgun itself, while the app comes to its end.

/**
 * Pipes of this process: channel, standard output and error. Not a request such as CloseReq, which passes.
 */
const isHandle = /Wrap$/
const isServer = /ServerWrap$/

/** Called before the app is loaded. `listeners`: how many sockets the worker will serve. */
export function ownResources(
  process: Pick<NodeJS.Process, 'getActiveResourcesInfo'>,
  listeners: number,
): () => readonly string[] {
  const atStart = process.getActiveResourcesInfo().filter((name) => isHandle.test(name))
  return () => {
    const servers = process.getActiveResourcesInfo().filter((name) => isServer.test(name))
    return [...atStart, ...servers.slice(0, listeners)]
  }
}
