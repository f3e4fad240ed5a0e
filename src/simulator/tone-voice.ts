import { encodeMulaw, sampleRateHz } from '../audio/mulaw.ts'
import type { Voice } from './voice.ts'

const samplesPerCharacter = (sampleRateHz * 60) / 1000
const pieceBytes = sampleRateHz / 10
const signatureNibbles = 10
/** Sixteen loud mu-law bytes, none of them silence: one hexadecimal digit each. */
const firstSignatureByte = 0x90

/** 60 ms of each tone, made once: there are few of them, and it is most of the work. */
const tones = new Map<number, Uint8Array>()

function toneOf(codePoint: number): Uint8Array {
  const hz = 250 + ((codePoint * 37) % 1500)
  const known = tones.get(hz)
  if (known) return known
  const samples = new Int16Array(samplesPerCharacter)
  const cyclesPerSample = hz / sampleRateHz
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round(9000 * Math.sin(2 * Math.PI * cyclesPerSample * i))
  const made = encodeMulaw(samples)
  tones.set(hz, made)
  return made
}

/**
 * 60 ms for one character, into `bytes`: a tone that depends on the character, behind ten samples that spell the
 * character's code point and its place in the text. So no two texts share their audio, and no two moments of a text are
 * alike.
 */
function writeTone(bytes: Uint8Array, at: number, codePoint: number, place: number): void {
  bytes.set(toneOf(codePoint), at)
  const signature = codePoint.toString(16).padStart(6, '0') + (place % 0x10000).toString(16).padStart(4, '0')
  for (let i = 0; i < signatureNibbles; i++)
    bytes[at + i] = firstSignatureByte + Number.parseInt(signature.charAt(i), 16)
}

/**
 * The voice that needs nothing: 60 ms of sound a character (480 bytes), in pieces of 100 ms. Pure and deterministic;
 * different texts give different bytes, and nothing in it can be taken for silence. Stops without an error on abort.
 */
export const toneVoice: Voice = async function* toneVoice(text, { signal }) {
  // A character is shorter than a piece, so less than two pieces are ever waiting.
  let waiting = new Uint8Array(2 * pieceBytes)
  let filled = 0
  let place = 0
  for (const character of text) {
    writeTone(waiting, filled, character.codePointAt(0) ?? 0, place++)
    filled += samplesPerCharacter
    if (signal.aborted) return
    if (filled < pieceBytes) continue
    const full = waiting
    waiting = new Uint8Array(2 * pieceBytes)
    waiting.set(full.subarray(pieceBytes, filled))
    filled -= pieceBytes
    yield full.subarray(0, pieceBytes)
  }
  if (filled > 0 && !signal.aborted) yield waiting.subarray(0, filled)
}
