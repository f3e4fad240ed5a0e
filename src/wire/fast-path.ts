import { createFrameBounds, type FrameBounds, textLength, wholeText } from './frame-bounds.ts'

/**
 * The way of a text frame that came whole in one read: past `ws`, straight to who knows it. Everything else, and what is
 * not taken, goes to `ws`, in order. A voice and a caller send fifty frames a second, nearly all of them alike.
 *
 * Who takes them is made of it, so that a frame finds what it needs in one place. It begins where a frame begins.
 */
export abstract class FastPath {
  /** Of a message that is under way; undefined where the next byte begins one. */
  #bounds: FrameBounds | undefined
  readonly #masked: boolean

  /** @param masked whether what comes is: what a client sends is */
  constructor(masked: boolean) {
    this.#masked = masked
  }

  /**
   * Looks at the content of a whole text frame, from `from` to `to`, still masked (the key stands in the four bytes before
   * it). Returns whether it is dealt with.
   */
  protected abstract take(bytes: Buffer, from: number, to: number): boolean

  /**
   * Takes a read that is one frame, if it can: then nothing of `bytes` is needed any more. If not, nothing was done.
   *
   * @param length of the read; `bytes` may be longer
   */
  takeOne(bytes: Buffer, length: number): boolean {
    if (this.#bounds !== undefined) return false
    const from = wholeText(bytes, 0, length, this.#masked)
    return from !== 0 && from + textLength(bytes, 0) === length && this.take(bytes, from, length)
  }

  /**
   * Takes what it can of these bytes, which are nobody else's, and yields the others for `ws`, in order; none that come
   * after the end of the connection, which `ws` would take for a fault.
   */
  *read(bytes: Buffer): Generator<Buffer> {
    let at = 0
    while (at < bytes.length && !this.#bounds?.over()) {
      let end = this.#takeAt(bytes, at)
      if (end === 0) {
        end = this.#advance(bytes, at)
        yield bytes.subarray(at, end)
      }
      at = end
    }
  }

  /** These bytes came, and `ws` has them already. */
  follow(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at = this.#advance(bytes, at));
  }

  /** @returns the end of the frame that was taken, or 0 */
  #takeAt(bytes: Buffer, at: number): number {
    const from = this.#bounds === undefined ? wholeText(bytes, at, bytes.length, this.#masked) : 0
    if (from === 0) return 0
    const to = from + textLength(bytes, at)
    return this.take(bytes, from, to) ? to : 0
  }

  /** @returns the end of the frame that is under way, or of the bytes */
  #advance(bytes: Buffer, at: number): number {
    const bounds = this.#bounds ?? createFrameBounds(this.#masked)
    const end = bounds.advance(bytes, at)
    this.#bounds = bounds.fresh() ? undefined : bounds
    return end
  }
}
