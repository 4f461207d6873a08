export default function app(request, response) {
  if (request.url === '/error') throw new Error('this route always fails')
  response.setHeader('content-type', 'text/plain')
  response.end(`Hello from worker ${process.env.TSGUN_WORKER_NR}\n`)
}
