import { BridgeError } from '../src/errors.ts'
import type { TunnelOpener, TunnelStatus } from '../src/tunnel/tunnel.ts'

/** One tunnel that was opened. */
export interface OpenedTunnel {
  url: string
  closed: boolean
  tell(status: TunnelStatus): void
}

/**
 * A tunnel service that opens what it is told to: `url` gives the address of the nth tunnel, or undefined where it
 * cannot be opened.
 */
export function tunnelService(url: (nth: number, port: number) => string | undefined) {
  const opened: OpenedTunnel[] = []
  let asked = 0
  const open: TunnelOpener = async (port, tell) => {
    const address = url(++asked, port)
    // As ngrok does, before it has opened.
    tell('back')
    await Promise.resolve()
    if (address === undefined) throw new BridgeError('tunnel.failed', 'No way out.')
    const tunnel: OpenedTunnel = { url: address, closed: false, tell }
    opened.push(tunnel)
    return {
      get url() {
        return tunnel.url
      },
      close: async () => {
        tunnel.closed = true
      },
    }
  }
  return {
    open,
    opened,
    get asked() {
      return asked
    },
  }
}
