// Runs in a worker: the protocols that a client is offered in the handshake, best first. `curl --http1.0`
// asks for nothing but HTTP/1.0, and a client that finds none of its own refuses the connection.

export const offeredProtocols: readonly string[] = ['http/1.1', 'http/1.0']
