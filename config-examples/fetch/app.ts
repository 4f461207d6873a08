// startup() runs before the first request, shutdown() after the last: for example for a database pool.
let pool: { readonly size: number } | undefined

export default {
  async startup(): Promise<void> {
    pool = await Promise.resolve({ size: 5 })
  },

  async shutdown(): Promise<void> {
    pool = await Promise.resolve(undefined)
  },

  fetch(request: Request): Response {
    const { pathname } = new URL(request.url)
    if (pathname === '/') return Response.json({ hello: 'world', pool: pool?.size })
    if (pathname === '/error') throw new Error('this route always fails')
    return new Response('not found\n', { status: 404 })
  },
}
