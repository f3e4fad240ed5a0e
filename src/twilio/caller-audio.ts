import { Buffer } from 'node:buffer'

/**
 * Caller audio in the form in which Twilio writes it, told by its bytes: it comes fifty times a second, and differs from
 * frame to frame by three counters and the sound.
 *
 *   {"event":"media","sequenceNumber":"N","media":{"track":"inbound","chunk":"N","timestamp":"N","payload":"BASE64"},"streamSid":"MZ…"}
 *
 * Media in any other form is for `parseStreamMessage`, which reads this form to the same result.
 */
const mediaStart = Buffer.from('{"event":"media"')
const beforeSequence = Buffer.from(',"sequenceNumber":"')
const beforeChunk = Buffer.from('","media":{"track":"inbound","chunk":"')
const beforeTimestamp = Buffer.from('","timestamp":"')
const beforePayload = Buffer.from('","payload":"')
const beforeStream = Buffer.from('"},"streamSid":"')
const end = Buffer.from('"}')

const keyBytes = 4
/** What is longer is no frame of 20 ms. */
const longestBytes = 4096
const mostDigits = 15
const digit0 = 0x30
const notBase64 = /[^A-Za-z0-9+/=]/

/** The key and the content of a message, the content without its mask: one for all, so that it is always near. */
const words = new Int32Array((keyBytes + longestBytes) / Int32Array.BYTES_PER_ELEMENT)
const unmasked = Buffer.from(words.buffer)

/**
 * Whether the content of a text frame is caller audio, told from its first bytes: what nobody listens to need not be
 * read.
 *
 * @param from where the content begins, masked by the key that stands in the four bytes before it (RFC 6455, 5.3)
 * @param to where it ends; what follows is another frame's
 */
export function isMaskedMedia(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < mediaStart.length) return false
  for (let at = 0; at < mediaStart.length; at++) {
    const key = bytes[from - keyBytes + (at % keyBytes)] ?? 0
    if (((bytes[from + at] ?? 0) ^ key) !== mediaStart[at]) return false
  }
  return true
}

/**
 * Gives the sound of a message to `taker`, if it is caller audio of this stream in the form above; `bytes` stay as they
 * are.
 *
 * @param from as for `isMaskedMedia`
 * @param streamSid MZ and 32 hexadecimal digits
 * @param taker gets the base64 as it came, and the milliseconds since the stream began
 * @returns whether it was; if not, nothing was done
 */
export function takeCallerAudio(
  bytes: Buffer,
  from: number,
  to: number,
  streamSid: string,
  taker: { audio(payload: string, timestampMs: number): void },
): boolean {
  if (to - from > longestBytes || !isMaskedMedia(bytes, from, to)) return false
  unmask(bytes, from, to)
  let at = behind(beforeSequence, keyBytes + mediaStart.length)
  at = behind(beforeChunk, behindNumber(at))
  const timestampAt = behind(beforeTimestamp, behindNumber(at))
  const timestampEnd = behindNumber(timestampAt)
  const payloadAt = behind(beforePayload, timestampEnd)
  const payloadEnd = keyBytes + to - from - end.length - streamSid.length - beforeStream.length
  if (payloadAt < 0 || payloadEnd <= payloadAt) return false
  if (behind(end, behindText(streamSid, behind(beforeStream, payloadEnd))) < 0) return false
  const payload = unmasked.toString('latin1', payloadAt, payloadEnd)
  if (notBase64.test(payload)) return false
  taker.audio(payload, number(timestampAt, timestampEnd))
  return true
}

/** Four bytes at a time, at places that are multiples of four, as the key's. */
function unmask(bytes: Buffer, from: number, to: number): void {
  bytes.copy(unmasked, 0, from - keyBytes, to)
  const key = words[0] ?? 0
  const wordCount = (keyBytes + to - from + 3) >> 2
  for (let at = 1; at < wordCount; at++) words[at] = (words[at] ?? 0) ^ key
}

/** Where this ends that stands at `at`; -1 where something else does, or where `at` is -1. */
function behind(what: Buffer, at: number): number {
  if (at < 0) return -1
  for (let i = 0; i < what.length; i++) if (unmasked[at + i] !== what[i]) return -1
  return at + what.length
}

function behindText(what: string, at: number): number {
  if (at < 0) return -1
  for (let i = 0; i < what.length; i++) if (unmasked[at + i] !== what.charCodeAt(i)) return -1
  return at + what.length
}

/** The same for a number that `parseStreamMessage` reads; what ends it is looked at next. */
function behindNumber(at: number): number {
  if (at < 0) return -1
  let to = at
  while (isDigit(unmasked[to] ?? 0)) to++
  return to > at && to - at <= mostDigits ? to : -1
}

function number(from: number, to: number): number {
  let sum = 0
  for (let at = from; at < to; at++) sum = sum * 10 + (unmasked[at] ?? 0) - digit0
  return sum
}

function isDigit(byte: number): boolean {
  return byte >= digit0 && byte < digit0 + 10
}
