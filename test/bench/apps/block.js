// Answers at once, but for /block, which it never leaves.
export function app(req, res) {
  if (req.url === '/block') for (;;);
  res.end('ok')
}
