// Runs in `tsgun doctor`: the certificates of the config, as a start by this user would read them.

import { tlsFiles, type TlsSettings } from '../../tls/files.ts'
import { TlsError } from '../../tls/problem.ts'
import { ok, warning, wrong, type Finding } from '../findings/finding.ts'

/** `now`: milliseconds since the epoch. */
export async function checkCertificates(
  settings: TlsSettings,
  directory: string,
  now: number,
): Promise<readonly Finding[]> {
  const files = tlsFiles(settings, directory)
  if (files === undefined) return []
  const { loadTls } = await import('../../tls/load.ts')
  try {
    const { certificates, warnings } = await loadTls(files, settings, { now })
    return [
      ...certificates.map(({ certfile, expires }) =>
        ok('certfile', `${certfile} is valid until ${new Date(expires).toISOString().slice(0, 10)}`),
      ),
      ...warnings.map((message) => warning('certfile', message, 'see docs/run/tls.md')),
    ]
  } catch (error) {
    if (!(error instanceof TlsError)) throw error
    return error.problems.map(({ setting, message }) =>
      wrong(setting, message, 'see docs/troubleshooting.md'),
    )
  }
}
