// Runs in a worker: the address of a client. All that logs or reports one calls this.

/** Returns the address of the client; '' for a unix socket, and for a socket that was destroyed. */
export function peerAddress(socket: { readonly remoteAddress?: string | undefined }): string {
  return socket.remoteAddress ?? ''
}
