import { base64Bytes } from '../../audio/duration.ts'

/** Told from what must not be in it: a pattern of all that may be took six times as long on 400 ms of sound. */
const notBase64 = /[^A-Za-z0-9+/=]/
const isPadding = /^={0,2}$/

/**
 * Checks that a string is base64 that Twilio will take. A valid one comes back as the same string; one that only
 * lacks its padding gets it; anything else (other alphabets, spaces, a cut group) is `undefined`.
 */
export function readPayload(text: string): { base64: string; audioBytes: number } | undefined {
  const padAt = text.indexOf('=')
  const padding = padAt < 0 ? '' : text.slice(padAt)
  if (text.length === padding.length || !isPadding.test(padding) || notBase64.test(text)) return undefined
  let padded = text
  if (text.length % 4 !== 0) {
    const bare = text.replace(/=+$/, '')
    if (bare.length % 4 === 1) return undefined
    padded = bare.padEnd(Math.ceil(bare.length / 4) * 4, '=')
  }
  return { base64: padded, audioBytes: base64Bytes(padded) }
}
