import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

interface Route {
  (request: IncomingMessage, response: ServerResponse): void
}

const routes: Readonly<Record<string, Route>> = {
  '/': (_request, response) => response.end(JSON.stringify({ shop: 'open' })),
  '/health': (_request, response) => response.end('ok\n'),
}

// An http.Server that never listens itself: tsgun takes its listeners.
export default createServer((request, response) => {
  const route = routes[new URL(request.url ?? '/', 'http://shop').pathname]
  if (route === undefined) response.writeHead(404).end()
  else route(request, response)
})
