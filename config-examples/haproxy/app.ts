import type { IncomingMessage, ServerResponse } from 'node:http'

export default ({ url, socket, headers }: IncomingMessage, res: ServerResponse): void => {
  const scheme = Reflect.get(socket, 'encrypted') === true ? 'https' : 'http'
  // The client, not haproxy: tsgun has read the headers of haproxy.
  res.end(url === '/health' ? 'ok\n' : `${socket.remoteAddress} asked ${scheme}://${headers.host}\n`)
}
