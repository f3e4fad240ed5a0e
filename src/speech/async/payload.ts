import { base64Bytes } from '../../audio/duration.ts'

const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Checks that a string is base64 that Twilio will take. A valid one comes back as the same string; one that only
 * lacks its padding gets it; anything else (other alphabets, spaces, a cut group) is `undefined`.
 */
export function readPayload(text: string): { base64: string; audioBytes: number } | undefined {
  if (!base64.test(text)) return undefined
  let padded = text
  if (text.length % 4 !== 0) {
    const bare = text.replace(/=+$/, '')
    if (bare.length % 4 === 1) return undefined
    padded = bare.padEnd(Math.ceil(bare.length / 4) * 4, '=')
  }
  return { base64: padded, audioBytes: base64Bytes(padded) }
}
