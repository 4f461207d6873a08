export default {
  fetch: () => Response.json({ hello: 'systemd' }),
}
