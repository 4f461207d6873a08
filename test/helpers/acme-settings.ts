// The setting `acme` of unit tests, with nothing in it but what it needs.

import type { AcmeSettings } from '../../src/tls/acme-settings.ts'

export const acmeSettings: AcmeSettings = {
  domains: ['a.example'],
  email: null,
  directory: 'https://ca.example/directory',
  storage: 'acme',
  challenge: null,
  directory_ca: null,
  external_account: null,
}
