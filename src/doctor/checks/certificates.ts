// Runs in `tsgun doctor`: the certificates of the config, as a start by this user would read them.

import { existsSync } from 'node:fs'
import { acmePlaces, type AcmeSettings } from '../../tls/acme-settings.ts'
import { tlsFiles, type TlsSettings } from '../../tls/files.ts'
import type { ServedCertificate } from '../../tls/examine.ts'
import { dateOf } from '../../tls/validity.ts'
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
  const { acme } = settings
  if (acme !== null && !existsSync(acmePlaces(acme, directory).certificate)) return [notOrdered(acme)]
  const { loadTls } = await import('../../tls/load.ts')
  try {
    const { certificates, warnings } = await loadTls(files, settings, { now })
    return [
      ...certificates.map((each) => (acme === null ? valid('certfile', each) : managed(each, acme))),
      ...warnings.map((message) => warning('certfile', message, 'see docs/run/tls.md')),
    ]
  } catch (error) {
    if (!(error instanceof TlsError)) throw error
    return error.problems.map(({ setting, message }) =>
      wrong(setting, message, 'see docs/troubleshooting.md'),
    )
  }
}

function valid(setting: string, { certfile, expires }: ServedCertificate): Finding {
  return ok(setting, `${certfile} is valid until ${dateOf(expires)}`)
}

function managed(certificate: ServedCertificate, acme: AcmeSettings): Finding {
  return certificate.isPlaceholder ? notOrdered(acme) : valid('acme', certificate)
}

function notOrdered({ domains, directory }: AcmeSettings): Finding {
  const message = `there is no certificate for ${domains.join(', ')} yet`
  return warning('acme', message, `a server that serves orders it from ${directory}`)
}
