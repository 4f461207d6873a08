import Fastify from 'fastify'
import { task } from 'tsgun'

const embed = task<typeof import('./embed.task.ts')>('embed')
const app = Fastify()

app.post<{ Body: string }>('/embed', async ({ body }) => ({ vector: [...(await embed.run(body))] }))

app.get('/health', () => 'ok\n')

export default app
