// The words of the settings for TLS. Any process.

/** Whether clients show a certificate; the place in the list is the number that gunicorn has for it. */
export const clientModes = ['none', 'optional', 'required'] as const
export type ClientMode = (typeof clientModes)[number]

export const minVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
export type MinVersion = (typeof minVersions)[number]
