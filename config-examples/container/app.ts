// A shop that is not ready before its catalogue is loaded.
let catalogue: ReadonlyMap<string, number> | undefined

export default {
  async startup(): Promise<void> {
    catalogue = await Promise.resolve(new Map([['tea', 4]]))
  },

  fetch(request: Request): Response {
    const { pathname } = new URL(request.url)
    switch (pathname) {
      case '/':
        return Response.json({ tea: catalogue?.get('tea') })
      case '/live': // this worker responds
        return new Response('live\n')
      case '/ready': // it can serve: the place for a look at what each request needs
        return new Response('ready\n', { status: catalogue === undefined ? 503 : 200 })
      case '/error':
        throw new Error('this route always fails')
      default:
        return new Response('not found\n', { status: 404 })
    }
  },
}
