// Responds at once, except to /block, which blocks forever.
export function app(req, res) {
  if (req.url === '/block') for (;;);
  res.end('ok')
}
