import { Buffer } from 'node:buffer'
import { createVoiceDetector } from '../audio/voice-detector.ts'
import type { Answerer } from '../call/detection.ts'
import type { LiveCall } from '../call/live-call.ts'
import type { Clock, Timer } from '../ops/clock.ts'

/** A greeting pauses for less; Twilio's own detection takes 1.2 s without a word for the end of one. */
const pauseMs = 1_500

/**
 * Who answered, if that is told within `waitMs`: null then, but not while somebody on the line still speaks: that is the
 * greeting of a machine more often than not. Even so it ends with the detection itself.
 */
export async function soonAnswerer(
  live: Pick<LiveCall, 'answerer' | 'listen'>,
  { clock, waitMs }: { readonly clock: Clock; readonly waitMs: number },
): Promise<Answerer | null> {
  if (waitMs === 0) return null
  const voice = createVoiceDetector()
  const leave = live.listen((payload) => voice.push(Buffer.from(payload, 'base64')))
  const quiet = Promise.withResolvers<null>()
  let timer: Timer

  function look(ms: number): void {
    timer = clock.after(ms, () => {
      const leftMs = pauseMs - voice.silentMs
      if (leftMs > 0) look(leftMs)
      else quiet.resolve(null)
    })
  }

  look(waitMs)
  return await Promise.race([live.answerer(), quiet.promise]).finally(() => {
    timer.cancel()
    leave()
  })
}
