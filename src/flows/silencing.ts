import { Buffer } from 'node:buffer'
import { createVoiceDetector } from '../audio/voice-detector.ts'
import type { LiveCall } from '../call/live-call.ts'
import type { Utterance } from '../call/utterance.ts'
import type { BargeIn } from './answer.ts'
import type { Ears } from './ears.ts'
import type { Line } from './line.ts'

/**
 * Listens for what may silence what is being said: words, or the energy of a voice. Keys are heard anyway.
 *
 * @returns the way out; undefined where nothing is listened for
 */
export function listenForVoice(
  bargeIn: BargeIn,
  by: { readonly live: Pick<LiveCall, 'listen'>; readonly line: Line; ears(): Ears },
): (() => void) | undefined {
  const { live, line } = by
  if (bargeIn === 'speech') return by.ears().listen((event) => void ('text' in event && line.barge('speech')))
  if (bargeIn !== 'energy') return undefined
  const detector = createVoiceDetector()
  return live.listen((payload) => {
    detector.push(Buffer.from(payload, 'base64'))
    if (detector.voicedMs > 0 && detector.silentMs === 0) line.barge('energy')
  })
}

/** Lets a signal silence something that is said. */
export function silencedBy(signal: AbortSignal | undefined, utterance: Utterance): Utterance {
  if (!signal) return utterance
  const silence = () => utterance.interrupt()
  const over = () => signal.removeEventListener('abort', silence)
  signal.addEventListener('abort', silence, { once: true })
  utterance.then(over, over)
  if (signal.aborted) silence()
  return utterance
}
