/** Base64 of two seconds (16,002 bytes): what is longer is no frame of a phone. */
const longestPayload = 21_336

/** One for all, so that it is always near. */
const scratch = Buffer.allocUnsafeSlow((longestPayload / 4) * 3)
/** Frames are mostly of one length. */
let sound = scratch.subarray(0, 160)

/**
 * The sound of a media frame, to be used before the next one is asked for: who keeps it copies it.
 *
 * @param payload base64; what is none is left out
 */
export function soundOf(payload: string): Buffer {
  const length = payload.length > longestPayload ? 0 : scratch.write(payload, 'base64')
  if (length !== sound.length) sound = scratch.subarray(0, length)
  return sound
}
