import type { Logger } from 'pino'
import { asBridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { Tunnel, TunnelOpener, TunnelStatus } from './tunnel.ts'

/** How long the tunnel's own client may take to come back before another tunnel is opened. */
const graceMs = 10_000
const backoffMs: readonly number[] = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]

export interface SupervisedTunnel extends Tunnel {
  /** False from the loss of the tunnel until it, or another one, is there. */
  readonly up: boolean
}

/**
 * Keeps a tunnel open: one that is lost and does not come back by itself is replaced, however often that has to be
 * tried. Calls that are under way are not touched; their sockets may have survived.
 *
 * @param deps `moved` is told the new address whenever it is another one
 * @throws what `open` throws the first time; after that nothing
 */
export async function superviseTunnel(
  open: TunnelOpener,
  port: number,
  deps: { readonly clock: Clock; readonly log: Logger; readonly moved: (url: string) => void },
): Promise<SupervisedTunnel> {
  const { clock, log, moved } = deps
  let latest = 0
  let tunnel: Tunnel | undefined
  let url = ''
  let up = false
  let closed = false
  let grace: Timer | undefined
  let retry: Timer | undefined

  /** Opens a tunnel. Its news count until the next one is asked for; what it tells while it opens counts afterwards. */
  async function openNext(): Promise<void> {
    const own = ++latest
    let early: TunnelStatus | undefined
    let ready = false
    const next = await open(port, (status) => {
      if (own !== latest || closed) return
      if (ready) heard(status)
      else early = status
    })
    ready = true
    if (closed) return void next.close().catch(() => {})
    tunnel = next
    heard(early ?? 'back')
  }

  function heard(status: TunnelStatus): void {
    grace?.cancel()
    if (status === 'back') return stands()
    up = false
    log.warn('the tunnel is lost')
    grace = clock.after(graceMs, replace)
  }

  function stands(): void {
    up = true
    if (!tunnel || tunnel.url === url) return
    const first = url === ''
    url = tunnel.url
    if (first) return
    log.warn({ publicUrl: url }, 'the tunnel has another address')
    moved(url)
  }

  function replace(): void {
    // Not waited for: its way out is broken.
    tunnel?.close().catch(() => {})
    void tryAgain(0)
  }

  async function tryAgain(attempt: number): Promise<void> {
    try {
      await openNext()
    } catch (thrown) {
      if (closed) return
      const waitMs = backoffMs[Math.min(attempt, backoffMs.length - 1)] ?? 0
      log.warn({ errorCode: asBridgeError(thrown).code, attempt, waitMs }, 'no other tunnel could be opened yet')
      retry = clock.after(waitMs, () => void tryAgain(attempt + 1))
    }
  }

  await openNext()
  return {
    get url() {
      return url
    },
    get up() {
      return up
    },
    async close() {
      closed = true
      grace?.cancel()
      retry?.cancel()
      await tunnel?.close()
    },
  }
}
