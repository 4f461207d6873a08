// Runs in a worker: who the client of a connection is. Everything that logs or reports an address asks here.

/** Returns the address of the client; '' for a unix socket, and for a socket that was destroyed. */
export function peerAddress(socket: { readonly remoteAddress?: string | undefined }): string {
  return socket.remoteAddress ?? ''
}
