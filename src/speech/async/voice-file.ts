import { BridgeError } from '../../errors.ts'

/** What an audio file is, by its first bytes. */
export type AudioKind = 'wav' | 'mp3' | 'flac' | 'aiff' | 'ogg'

/** OpenAPI, `/voices/clone`: 10 MB and 3 s. */
const largestCloneBytes = 10 * 1024 * 1024
const leastCloneMs = 3000

/** Undefined for anything that is no audio of these. */
export function audioKind(file: Uint8Array): AudioKind | undefined {
  const begin = latin1(file, 0, 12)
  if (begin.startsWith('RIFF') && begin.endsWith('WAVE')) return 'wav'
  if (begin.startsWith('fLaC')) return 'flac'
  if (/^FORM.{4}AIF[FC]$/s.test(begin)) return 'aiff'
  if (begin.startsWith('OggS')) return 'ogg'
  // Behind an optional ID3 tag: eleven bits of one, then a version, layer, bit rate and sample rate that exist.
  const [first = 0, second = 0, third = 0] = file
  const isFrame =
    first === 0xff && (second & 0xe6) === 0xe2 && (second & 0x18) !== 0x08 && third >> 4 !== 15 && (third & 12) !== 12
  return begin.startsWith('ID3') || isFrame ? 'mp3' : undefined
}

/** How long a WAV or FLAC file sounds, from its header; undefined where that does not say. */
export function audioMs(file: Uint8Array): number | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (audioKind(file) === 'flac') {
    if (file.length < 26) return undefined
    // STREAMINFO: 20 bits of sample rate, 3 of channels, 5 of sample size, 36 of samples.
    const rateHz = view.getUint32(18) >>> 12
    const samples = (view.getUint8(21) & 0x0f) * 2 ** 32 + view.getUint32(22)
    return rateHz === 0 || samples === 0 ? undefined : (samples / rateHz) * 1000
  }
  if (audioKind(file) !== 'wav') return undefined
  let bytesPerSecond = 0
  for (let at = 12; at + 8 <= file.length; ) {
    const name = latin1(file, at, 4)
    const bytes = view.getUint32(at + 4, true)
    if (name === 'fmt ' && at + 20 <= file.length) bytesPerSecond = view.getUint32(at + 16, true)
    if (name === 'data')
      return bytesPerSecond === 0 ? undefined : (Math.min(bytes, file.length - at - 8) / bytesPerSecond) * 1000
    at += 8 + bytes + (bytes % 2)
  }
  return undefined
}

/** @throws BridgeError `usage.invalid` for more than Async takes */
export function checkCloneSize(bytes: number): void {
  if (bytes > largestCloneBytes)
    throw refused(
      `Expected a file of at most 10 MB; ${(bytes / 1024 / 1024).toFixed(1)} MB came. Cut it, or save it as MP3.`,
    )
}

/**
 * Whether Async would take the file, before it is uploaded.
 *
 * @throws BridgeError `usage.invalid`
 */
export function checkCloneFile(file: Uint8Array): void {
  const kind = audioKind(file)
  if (kind === undefined || kind === 'ogg')
    throw refused('Expected a WAV, MP3, FLAC or AIFF file to clone a voice from; something else came.')
  checkCloneSize(file.length)
  const ms = audioMs(file)
  if (ms !== undefined && ms < leastCloneMs)
    throw refused(`Expected at least 3 s of speech; the file has ${(ms / 1000).toFixed(1)} s.`)
}

function refused(what: string): BridgeError {
  return new BridgeError('usage.invalid', what)
}

function latin1(file: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...file.subarray(at, at + length))
}
