// A service of systemd, which holds its socket, restarts it if it hangs, and keeps its logs in the
// journal. The units beside this file are what `tsgun systemd --socket` prints for it in /srv/shop.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './app.ts',
  proc_name: 'shop',
  bind: '127.0.0.1:8000',
  workers: 'auto',
  graceful_timeout: 30,
  accesslog: '-',
})
