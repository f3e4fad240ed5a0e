const final = 0x80
const text = 0x01

/**
 * A websocket text frame as a server sends it: unmasked, whole (RFC 6455, 5.2). One character of the result is one byte,
 * to be written as latin1. So a frame is one write of a string that the system gets without a copy of ours; `ws` writes
 * header and text apart, which took a third more CPU for each frame of sound (docs/performance.md).
 *
 * @param ascii what to send; ASCII only, as all that `twilio/media-stream.ts` encodes
 */
export function textFrame(ascii: string): string {
  const { length } = ascii
  if (length < 126) return String.fromCharCode(final | text, length) + ascii
  if (length < 0x1_0000) return String.fromCharCode(final | text, 126, length >> 8, length & 0xff) + ascii
  // Of the eight bytes of the length the upper four are 0: no string is that long.
  const lower = [length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff]
  return String.fromCharCode(final | text, 127, 0, 0, 0, 0, ...lower) + ascii
}
