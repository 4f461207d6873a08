// The headers in which a proxy says where a request comes from. Pure; used by the settings table and by
// workers.

export const forwardedHeaderNames = [
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'Forwarded',
] as const

export type ForwardedHeaderName = (typeof forwardedHeaderNames)[number]
