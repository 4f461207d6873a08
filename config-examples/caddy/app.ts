// srvx, which tsgun uses for such apps, adds `ip`.
interface ClientRequest extends Request {
  readonly ip?: string
}

export default {
  // The client and its URL, not those of Caddy: tsgun has read the headers of Caddy.
  fetch: ({ ip, url }: ClientRequest): Response => new Response(`${ip} asked ${new URL(url).origin}\n`),
}
