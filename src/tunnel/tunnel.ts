import { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'

/** A public address that leads to a port of this machine. */
export interface Tunnel {
  /** May change after the tunnel was lost and came back. */
  readonly url: string
  /** Idempotent. */
  close(): Promise<void>
}

/** Whether the connection to the tunnel's service broke, or was made anew by the service's own client. */
export type TunnelStatus = 'lost' | 'back'

/** Opens a tunnel to a port. `tell` may be called at any time, also twice in a row with the same status. */
export type TunnelOpener = (port: number, tell: (status: TunnelStatus) => void) => Promise<Tunnel>

export interface TunnelSettings {
  readonly authtoken: string
  /** A domain reserved at ngrok; without one the address is new each time. */
  readonly domain?: string | undefined
}

/** How long ngrok may take to open. */
const openWithinMs = 20_000

/**
 * Opens ngrok tunnels. Rejects with a BridgeError `tunnel.failed` that says what to check; ngrok's own words are kept,
 * its token never.
 */
export function ngrokOpener(settings: TunnelSettings, clock: Clock): TunnelOpener {
  return async (port, tell) => {
    const { forward } = await import('@ngrok/ngrok')
    const opening = forward({
      addr: port,
      authtoken: settings.authtoken,
      // A tunnel that replaces a lost one must not stand on the same broken session.
      force_new_session: true,
      onStatusChange: (status) => {
        if (status === 'closed') tell('lost')
        if (status === 'connected') tell('back')
      },
      ...(settings.domain === undefined ? {} : { domain: settings.domain }),
    })
    const listener = await withinTime(opening, clock).catch((thrown: unknown) => {
      // One that opens after all is not left behind.
      opening.then((late) => late.close()).catch(() => {})
      throw failed(thrown, settings)
    })
    const url = listener.url()
    if (url === null) throw new BridgeError('tunnel.failed', 'ngrok opened a tunnel without an address.')
    let closing: Promise<void> | undefined
    return {
      get url() {
        return listener.url() ?? url
      },
      close: () => (closing ??= listener.close()),
    }
  }
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
