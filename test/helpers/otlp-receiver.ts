// A collector of OpenTelemetry, as far as a test needs one: counts the spans that it gets as OTLP/HTTP JSON.
// It responds late, so that a sender which does not wait loses them.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cleaner } from './tsgun.ts'

interface Export {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly unknown[] }[]
  }[]
}

export class OtlpReceiver {
  readonly url: string
  spans = 0

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}/v1/traces`
  }

  static async open(t: Cleaner): Promise<OtlpReceiver> {
    const server = createServer((request, response) => {
      void text(request).then(async (body) => {
        await delay(200)
        const { resourceSpans } = JSON.parse(body) as Export // what the exporter sends
        for (const { scopeSpans } of resourceSpans)
          for (const { spans } of scopeSpans) receiver.spans += spans.length
        response.setHeader('content-type', 'application/json').end('{}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const receiver = new OtlpReceiver((server.address() as AddressInfo).port)
    t.after(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return receiver
  }
}
