import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { task } from 'tsgun'

const encode = task<typeof import('./encode.task.ts')>('encode')

export default async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.url === '/health') return void response.end('ok\n')
  const vector = await encode.run(await text(request))
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify([...vector]))
}
