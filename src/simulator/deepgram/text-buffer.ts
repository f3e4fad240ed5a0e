/** Text that has come and was not yet given to the voice. */
export interface TextBuffer {
  add(text: string): void
  /** The sentences that are whole, without the space around them. */
  takeSentences(): string[]
  /** Everything; empty when there is nothing to be said. */
  takeRest(): string
}

/** A sentence is whole when whitespace stands behind its end: what follows might still belong to "3.5". */
const sentence = /^[^]*?[.!?…]["'”’)\]]*\s/

/** Pieces are joined as they came: a space that no piece has is not there. */
export function createTextBuffer(): TextBuffer {
  let waiting = ''

  function take(length: number): string {
    const taken = waiting.slice(0, length)
    waiting = waiting.slice(length)
    return taken.trim()
  }

  return {
    add(text) {
      waiting += text
    },
    takeSentences() {
      const whole: string[] = []
      for (let match = sentence.exec(waiting); match; match = sentence.exec(waiting)) {
        const one = take(match[0].length)
        if (one !== '') whole.push(one)
      }
      return whole
    },
    takeRest: () => take(waiting.length),
  }
}
