// Runs in a worker: HTTP/2, if `http_protocols` has it. node:http2 is loaded only then.

import type { Settings } from '../../config/settings/table.ts'
import type { Http2Option } from '../../serving/http2/option.ts'

/** Resolves with undefined without HTTP/2. */
export async function openHttp2(settings: Settings): Promise<Http2Option | undefined> {
  if (!settings.http_protocols.includes('h2')) return undefined
  const { Http2Sessions } = await import('../../serving/http2/sessions.ts')
  return {
    Sessions: Http2Sessions,
    isAlone: !settings.http_protocols.includes('h1'),
    settings: {
      streams: settings.http2_max_concurrent_streams,
      window: settings.http2_initial_window_size,
      frame: settings.http2_max_frame_size,
      head: settings.http2_max_header_list_size,
    },
  }
}
