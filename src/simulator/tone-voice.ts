import { encodeMulaw, sampleRateHz } from '../audio/mulaw.ts'
import type { Voice } from './voice.ts'

const samplesPerCharacter = (sampleRateHz * 60) / 1000
const pieceBytes = sampleRateHz / 10
const signatureNibbles = 10
/** Sixteen loud mu-law bytes, none of them silence: one hexadecimal digit each. */
const firstSignatureByte = 0x90

/**
 * 60 ms for one character: a tone that depends on the character, behind ten samples that spell the character's code
 * point and its place in the text. So no two texts share their audio, and no two moments of a text are alike.
 */
function characterTone(codePoint: number, place: number): Uint8Array {
  const samples = new Int16Array(samplesPerCharacter)
  const cyclesPerSample = (250 + ((codePoint * 37) % 1500)) / sampleRateHz
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round(9000 * Math.sin(2 * Math.PI * cyclesPerSample * i))
  const bytes = encodeMulaw(samples)
  const signature = codePoint.toString(16).padStart(6, '0') + (place % 0x10000).toString(16).padStart(4, '0')
  for (let i = 0; i < signatureNibbles; i++) bytes[i] = firstSignatureByte + Number.parseInt(signature.charAt(i), 16)
  return bytes
}

/**
 * The voice that needs nothing: 60 ms of sound a character (480 bytes), in pieces of 100 ms. Pure and deterministic;
 * different texts give different bytes, and nothing in it can be taken for silence. Stops without an error on abort.
 */
export const toneVoice: Voice = async function* toneVoice(text, { signal }) {
  let waiting = new Uint8Array()
  let place = 0
  for (const character of text) {
    const tone = characterTone(character.codePointAt(0) ?? 0, place++)
    const joined = new Uint8Array(waiting.length + tone.length)
    joined.set(waiting)
    joined.set(tone, waiting.length)
    waiting = joined
    if (signal.aborted) return
    if (waiting.length >= pieceBytes) {
      yield waiting.slice(0, pieceBytes)
      waiting = waiting.slice(pieceBytes)
    }
  }
  if (waiting.length > 0 && !signal.aborted) yield waiting
}
