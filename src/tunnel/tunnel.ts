import { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'

/** A public address that leads to a port of this machine. */
export interface Tunnel {
  readonly url: string
  /** Idempotent. */
  close(): Promise<void>
}

export interface TunnelSettings {
  readonly authtoken: string
  /** A domain reserved at ngrok; without one the address is new each time. */
  readonly domain?: string | undefined
}

/** How long ngrok may take to open. */
const openWithinMs = 20_000

/**
 * Opens an ngrok tunnel to `port`.
 *
 * @throws BridgeError `tunnel.failed` that says what to check; ngrok's own words are kept, its token never
 */
export async function openNgrok(port: number, settings: TunnelSettings, clock: Clock): Promise<Tunnel> {
  const { forward } = await import('@ngrok/ngrok')
  const opening = forward({
    addr: port,
    authtoken: settings.authtoken,
    ...(settings.domain === undefined ? {} : { domain: settings.domain }),
  })
  const listener = await withinTime(opening, clock).catch((thrown: unknown) => {
    throw failed(thrown, settings)
  })
  const url = listener.url()
  if (url === null) throw new BridgeError('tunnel.failed', 'ngrok opened a tunnel without an address.')
  let closing: Promise<void> | undefined
  return { url, close: () => (closing ??= listener.close()) }
}

async function withinTime<T>(opening: Promise<T>, clock: Clock): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = clock.after(openWithinMs, () => late.reject(new Error(`no answer within ${openWithinMs} ms`)))
  try {
    return await Promise.race([opening, late.promise])
  } finally {
    timer.cancel()
  }
}

function failed(thrown: unknown, settings: TunnelSettings): BridgeError {
  const words = (thrown instanceof Error ? thrown.message : String(thrown)).replaceAll(settings.authtoken, '[token]')
  return new BridgeError(
    'tunnel.failed',
    `ngrok did not open a tunnel: ${words.trim().split('\n')[0]}. Check NGROK_AUTHTOKEN` +
      `${settings.domain === undefined ? '' : ' and NGROK_DOMAIN'} and the way to the internet, or set PUBLIC_URL.`,
  )
}
