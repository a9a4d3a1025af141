/** True for a name of this very machine. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname === '[::1]' ||
  /^127\.(?:\d{1,3})\.(?:\d{1,3})\.(?:\d{1,3})$/.test(hostname)

/** True when the address may be given to a person or called by us: https without credentials in it; http only to this machine and only when allowed. */
export function isAllowedUrl(text: string, httpsOnly: boolean): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (!httpsOnly && url.protocol === 'http:' && isLoopback(url.hostname))
}
