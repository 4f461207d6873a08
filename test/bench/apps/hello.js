// The smallest app, so that the cost of the server itself is measured.

export function app(request, response) {
  response.end('hello\n')
}
