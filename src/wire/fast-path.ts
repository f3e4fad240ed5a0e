import { createFrameBounds, textLength, wholeText } from './frame-bounds.ts'

/**
 * The way of a text frame that came whole in one read: past `ws`, straight to who knows it. Everything else, and what is
 * not taken, goes to `ws`, in order. A voice and a caller send fifty frames a second, nearly all of them alike.
 */
export interface FastPath {
  /**
   * Takes a read that is one frame, if it can: then nothing of `bytes` is needed any more. If not, nothing was done.
   *
   * @param length of the read; `bytes` may be longer
   */
  takeOne(bytes: Buffer, length: number): boolean
  /** Takes, or passes to `ws`, these bytes, which are nobody else's; none that come after the end of the connection. */
  read(bytes: Buffer): void
  /** These bytes came, and `ws` has them already. */
  follow(bytes: Buffer): void
}

export interface FastPathOptions {
  /** Whether what comes is masked: what a client sends is. */
  readonly masked: boolean
  /**
   * Looks at the content of a whole text frame, from `from` to `to`, still masked (the key stands in the four bytes before
   * it). Returns whether it is dealt with.
   */
  readonly take: (bytes: Buffer, from: number, to: number) => boolean
  /** Gives bytes to `ws`. */
  readonly pass: (bytes: Buffer) => void
}

/** A path that begins where a frame begins. */
export function createFastPath({ masked, take, pass }: FastPathOptions): FastPath {
  const bounds = createFrameBounds(masked)
  let fresh = true

  /** @returns the end of the frame that was taken, or 0 */
  function takeAt(bytes: Buffer, at: number, end: number): number {
    const from = wholeText(bytes, at, end, masked)
    if (from === 0) return 0
    const to = from + textLength(bytes, at)
    return take(bytes, from, to) ? to : 0
  }

  return {
    takeOne(bytes, length) {
      if (!fresh) return false
      const from = wholeText(bytes, 0, length, masked)
      return from !== 0 && from + textLength(bytes, 0) === length && take(bytes, from, length)
    },
    read(bytes) {
      let at = 0
      // After the end `ws` would take more for a fault.
      while (at < bytes.length && !bounds.over()) {
        const taken = fresh ? takeAt(bytes, at, bytes.length) : 0
        const end = taken === 0 ? bounds.advance(bytes, at) : taken
        if (taken === 0) {
          pass(bytes.subarray(at, end))
          fresh = bounds.fresh()
        }
        at = end
      }
    },
    follow(bytes) {
      for (let at = 0; at < bytes.length; at = bounds.advance(bytes, at));
      fresh = bounds.fresh()
    },
  }
}
