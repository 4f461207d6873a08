// The baseline `node app.js`: one process, no supervisor.

import { app } from './site.js'

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ listeners: [`http://127.0.0.1:${server.address().port}`] }))
})
