// Code that was written for one request at a time: it keeps the language of the present customer in a
// variable of the module, over an await. With two requests at once one customer would get the other's words.
import { setTimeout as delay } from 'node:timers/promises'

const words = { de: 'Rechnung', en: 'Invoice' }
let language: keyof typeof words = 'en'

async function renderInvoice(number: string): Promise<string> {
  await delay(20) // stands for a database
  return `${words[language]} ${number}\n`
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/error') throw new Error('this route always fails')
    language = searchParams.get('language') === 'de' ? 'de' : 'en'
    return new Response(await renderInvoice(pathname.slice(1)))
  },
}
