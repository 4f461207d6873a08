// Runs in a worker, with the setting `reload`: the response of a worker that could not boot, to every
// request. Short, because the developer who has just saved a file reads it; the next save replaces it.

import type { App } from '../../app/model/app.ts'
import type { ErrorReport } from '../../ipc/messages.ts'

const title = 'The app does not start'
const hint =
  'tsgun watches the files. Save the one that is broken again, and the next request is answered by the ' +
  'new code.'

export interface ErrorPage {
  readonly type: string
  readonly body: string
}

/** Returns an app that sends status 500 and the reason for every request. */
export function createErrorApp(error: ErrorReport): App {
  return {
    kind: 'error page',
    handle(request, response) {
      const { type, body } = renderError(error, request.headers.accept ?? '')
      response.writeHead(500, { 'content-type': type, 'cache-control': 'no-store' })
      response.end(request.method === 'HEAD' ? undefined : body)
      request.resume() // its body has no other reader
    },
  }
}

/** Returns HTML for a client that accepts it (a browser), else plain text (curl, an API client). */
export function renderError({ message, stack }: ErrorReport, accept: string): ErrorPage {
  if (!/\btext\/html\b/i.test(accept)) {
    const body = [title, message, stack, hint].filter((part) => part !== '').join('\n\n')
    return { type: 'text/plain; charset=utf-8', body: `${body}\n` }
  }
  const blocks = [message, stack]
    .filter((part) => part !== '')
    .map((part) => `<pre>${escapeHtml(part)}</pre>`)
  return {
    type: 'text/html; charset=utf-8',
    body:
      '<!doctype html>\n<meta ' +
      `charset="utf-8">\n<title>${title}</title>\n<h1>${title}</h1>\n${blocks.join('\n')}\n<p>${hint}</p>\n`,
  }
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)
}
