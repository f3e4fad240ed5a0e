import type { Logger } from 'pino'
import { asBridgeError, type BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import type { SpeechProvider } from './provider.ts'

/** A service that is slow to take us in may still be there for the calls. */
const waitMs = 3_000

/**
 * Why no call will ever be spoken to: the voice is not installed, the key is refused. A session is opened for it, and
 * closed again. Undefined when there is nothing of the kind; a service out of reach is only logged, since it comes back.
 */
export async function whyNoVoice(
  speech: SpeechProvider,
  deps: { readonly clock: Clock; readonly log: Logger },
): Promise<BridgeError | undefined> {
  const controller = new AbortController()
  const session = speech.open({ signal: controller.signal, log: deps.log })
  const timer = deps.clock.after(waitMs, () => controller.abort())
  try {
    await session.ready
    return undefined
  } catch (thrown) {
    const error = asBridgeError(thrown)
    if (!error.retryable && !controller.signal.aborted) return error
    const errorCode = controller.signal.aborted ? 'speech.unavailable' : error.code
    deps.log.warn({ errorCode }, 'the speech service cannot be reached now; calls will try again')
    return undefined
  } finally {
    timer.cancel()
    controller.abort()
    await session.close()
  }
}
