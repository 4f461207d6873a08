// Runs in the arbiter: the `log` that hooks of the master import. Its records go to the app log, as what the
// hooks print does. Before the logs are open, while the config file is loaded, it writes to standard output.

import type { Settings } from '../../config/settings/table.ts'
import { installLink } from '../../logging/records/log-link.ts'
import type { LogFiles } from '../../logging/files/log-files.ts'
import { createLogger } from '../../logging/records/logger.ts'

/** Answers a function that takes it away again. */
export function linkAppLog(
  logs: LogFiles,
  { loglevel, log_format, log_redact }: Pick<Settings, 'loglevel' | 'log_format' | 'log_redact'>,
): () => void {
  const logger = createLogger({
    level: loglevel,
    format: log_format,
    redact: log_redact,
    color: logs.isTerminal('app'),
    base: { pid: process.pid },
    write: (line) => logs.write('app', line),
  })
  return installLink(() => logger)
}
