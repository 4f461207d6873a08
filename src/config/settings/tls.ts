// Settings of the section `tls`: certificates and what clients have to show. Used by the arbiter and the
// command line.

import * as z from 'zod'
import { clientModes, minVersions } from '../../tls/modes.ts'
import { acmeSetting } from './acme.ts'
import { setting } from './row.ts'
import { text } from './common.ts'

/** A path: a config that contains a key shows it wherever it is printed. */
const file = text.refine((value) => !value.includes('-----BEGIN'), 'the path of a file, not the PEM itself')
const files = z.union([file, z.array(file).min(1), z.null()])

/** gunicorn has the numbers of Python's ssl module. */
const clientMode = z
  .union([z.literal([0, 1, 2]), z.enum(['0', '1', '2']), z.enum(clientModes)])
  .transform(
    (value) =>
      clientModes.find((mode, number) => mode === value || String(number) === String(value)) ?? 'none',
  )

export const tlsSettings = {
  certfile: setting({
    section: 'tls',
    unit: 'file',
    schema: files,
    default: null,
    flag: '--certfile <path>',
    text: 'list',
    expects: 'a file path, a list of them, or null',
    doc:
      'Certificate in PEM: the one of the server first, then the intermediate ones, as in the ' +
      '`fullchain.pem` of certbot. With it the server speaks HTTPS on each address of `bind` that does not ' +
      'begin with `http://`. Of several files each client gets the one with the name that it asks for ' +
      '(SNI), and the first one if no file has the name. The master reads the files, so that workers need ' +
      'no right to them, and reads them again when they change and at each reload (docs/run/tls.md). Paths ' +
      'start at `chdir`.',
  }),
  keyfile: setting({
    section: 'tls',
    unit: 'file',
    schema: files,
    default: null,
    flag: '--keyfile <path>',
    text: 'list',
    expects: 'a file path, a list of them, or null',
    doc:
      'Private key in PEM, without a passphrase. Of several files each belongs to the `certfile` at its ' +
      'place in the list. null: the key is in `certfile`.',
  }),
  acme: acmeSetting,
  ca_certs: setting({
    section: 'tls',
    unit: 'file',
    schema: z.union([file, z.null()]),
    default: null,
    flag: '--ca-certs <path>',
    expects: 'a file path or null',
    doc:
      'Certificates, in PEM, of the authorities whose client certificates are accepted. Needed with ' +
      '`cert_reqs`.',
  }),
  cert_reqs: setting({
    section: 'tls',
    schema: clientMode,
    default: 'none',
    flag: '--cert-reqs <mode>',
    expects: '"none" (0), "optional" (1) or "required" (2)',
    doc:
      'Whether clients have to show a certificate that one of `ca_certs` has issued. `"optional"` also ' +
      'accepts clients without one, but none with a certificate that is not valid. The app reads it with ' +
      '`req.socket.getPeerCertificate()`.',
  }),
  ciphers: setting({
    section: 'tls',
    schema: z.union([text, z.null()]),
    default: null,
    flag: '--ciphers <list>',
    expects: 'a cipher list of OpenSSL or null',
    doc:
      'Cipher list in the form of OpenSSL, for TLS 1.2; names that begin with `TLS_` choose those of TLS ' +
      '1.3. null: the list of Node.js.',
  }),
  tls_min_version: setting({
    section: 'tls',
    schema: z.enum(minVersions),
    default: 'TLSv1.2',
    flag: '--tls-min-version <version>',
    expects: minVersions
      .map((version) => `"${version}"`)
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1'),
    doc:
      'Oldest version of TLS that a client may use. `"TLSv1"` and `"TLSv1.1"` also need ' +
      '`ciphers: "DEFAULT:@SECLEVEL=0"`.',
  }),
} as const
