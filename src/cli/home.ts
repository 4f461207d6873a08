// Runs in the commands, before any other import. In a container with a random user id (OpenShift) there may
// be neither HOME nor an entry in /etc/passwd. Then os.homedir() throws, which packages call when they are
// loaded: some of tsgun, and many of apps. Such a process gets the home directory that Docker gives to it.

import { homedir } from 'node:os'

try {
  homedir()
} catch {
  process.env['HOME'] = '/'
}
