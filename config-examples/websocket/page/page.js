// Runs in the browser: shows each message once and in order, marks those that cannot be had any more, and
// connects again by itself.
import { Connection } from './connection.js'
import { Order } from './order.js'

const mostShown = 500
const list = document.querySelector('#messages')

/** `textContent`: what others have written is never HTML. */
function append(text, properties) {
  const item = Object.assign(document.createElement('li'), { textContent: text }, properties)
  list.append(item)
  if (list.childElementCount > mostShown) list.firstElementChild.remove()
}

const order = new Order({
  show: ({ nr, text }) => append(text, { id: `message-${nr}` }),
  showGap: (text) => append(text, { className: 'gap' }),
})

const { content: port } = document.querySelector('meta[name=live-port]')
const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
const connection = new Connection(`${scheme}://${location.hostname}:${port}`, order, (state) => {
  document.querySelector('#state').textContent = state
})
connection.open()

const form = document.querySelector('form')
form.onsubmit = async (event) => {
  event.preventDefault()
  const { text } = form.elements
  const output = form.querySelector('output')
  output.value = ''
  try {
    const headers = { 'content-type': 'text/plain' }
    const response = await fetch('/messages', { method: 'POST', headers, body: text.value })
    if (!response.ok) throw new Error(`status ${response.status}`)
    text.value = ''
  } catch (error) {
    output.value = `not sent: ${error.message}`
  }
}
