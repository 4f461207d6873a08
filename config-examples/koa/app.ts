import Koa from 'koa'

const app = new Koa()

app.use(async (ctx, next) => {
  await next()
  ctx.set('X-Worker', process.env['TSGUN_WORKER_NR'] ?? '')
})

app.use((ctx) => {
  if (ctx.path === '/error') throw new Error('this route always fails')
  if (ctx.path === '/') ctx.body = { hello: 'world' }
})

export default app
