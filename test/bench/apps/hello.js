// The least that an app can be: what is measured around it is the server.

export function app(request, response) {
  response.end('hello\n')
}
