import { BridgeError } from '../errors.ts'

/**
 * The URL of the media websocket as Twilio is told it, and as Twilio signs it: both come from here.
 *
 * @param publicUrl the https address under which Twilio reaches us; http only on loopback, where an emulator runs
 * @param path begins with a slash, without query (Twilio docs, `<Stream>`: a query string is not supported)
 * @throws BridgeError `config.invalid`
 */
export function mediaStreamUrl(publicUrl: string, path: string): string {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new BridgeError('config.invalid', 'The public address must be a URL that begins with https://.')
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new BridgeError(
      'config.invalid',
      'The public address must begin with https://: Twilio opens media streams over TLS only (31922). ' +
        'http:// is for an emulator on this machine.',
    )
  const scheme = url.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${url.host}${url.pathname.replace(/\/+$/, '')}${path}`
}

/** True for names and addresses of this machine, given as `URL.hostname` spells them. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}
