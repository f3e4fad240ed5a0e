import { asBridgeError, BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import { type AsyncAccountSettings, createAsyncHttp } from './http-client.ts'

const firstRetryMs = 250
const lastRetryMs = 4000
const giveUpMs = 15_000
/** A voice that was there is not asked for again by every call. */
const provenForMs = 10 * 60_000

export interface Prover {
  /** Rejects with a BridgeError: what a user can act on, or after 15 s why nothing answers. */
  prove(voiceId: string, signal: AbortSignal): Promise<void>
  /** The voice has spoken. */
  proven(voiceId: string): void
}

/** Whether Async would speak with a voice now: `GET /voices/{id}` proves address, key and voice, and costs nothing. */
export function createProver(account: AsyncAccountSettings, { clock }: { clock: Clock }): Prover {
  const http = createAsyncHttp(account, { clock })
  const provenAt = new Map<string, number>()

  async function prove(voiceId: string, signal: AbortSignal): Promise<void> {
    const began = clock.now()
    for (let waitMs = firstRetryMs; ; waitMs = Math.min(lastRetryMs, waitMs * 2)) {
      const at = provenAt.get(voiceId)
      if (at !== undefined && clock.now() - at < provenForMs) return
      try {
        await http.request({ method: 'GET', path: `/voices/${encodeURIComponent(voiceId)}` })
        return proven(voiceId)
      } catch (thrown) {
        const error = asBridgeError(thrown)
        if (signal.aborted || !error.retryable || clock.now() + waitMs - began > giveUpMs) throw error
        await pause(waitMs, signal)
      }
    }
  }

  function pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer: Timer = clock.after(ms, resolve)
      signal.addEventListener(
        'abort',
        () => {
          timer.cancel()
          resolve()
        },
        { once: true },
      )
    })
  }

  function proven(voiceId: string): void {
    provenAt.delete(voiceId)
    provenAt.set(voiceId, clock.now())
    const [oldest] = provenAt.keys()
    if (provenAt.size > 100 && oldest !== undefined) provenAt.delete(oldest)
  }

  return {
    async prove(voiceId, signal) {
      const closed = Promise.withResolvers<never>()
      const close = () =>
        closed.reject(new BridgeError('call.ended', 'The speech session was closed before it was ready.'))
      if (signal.aborted) close()
      else signal.addEventListener('abort', close, { once: true })
      await Promise.race([closed.promise, ...(signal.aborted ? [] : [prove(voiceId, signal)])])
      signal.removeEventListener('abort', close)
    },
    proven,
  }
}
