import { msToBytes } from '../../../audio/duration.ts'
import { encodeMulaw, sampleRateHz } from '../../../audio/mulaw.ts'

/** A sine tone as mu-law, for greetings and beeps. */
export function tone(hz: number, ms: number): Uint8Array {
  const samples = new Int16Array(msToBytes(ms))
  for (let i = 0; i < samples.length; i++)
    samples[i] = Math.round(8000 * Math.sin((2 * Math.PI * hz * i) / sampleRateHz))
  return encodeMulaw(samples)
}
