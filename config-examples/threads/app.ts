// Each thread has its own copy of this module, and so its own count.
import { threadId } from 'node:worker_threads'

let count = 0

export default {
  fetch(request: Request): Response {
    if (new URL(request.url).pathname === '/error') throw new Error('this route always fails')
    count += 1
    return Response.json({ process: process.pid, thread: threadId, count })
  },
}
