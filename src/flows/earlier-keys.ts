/** What a flow has not asked for is kept no longer than anybody would type ahead. */
const mostKeys = 100

/** Keys that were pressed and that nobody has taken yet. */
export interface EarlierKeys {
  add(digit: string): void
  /** Gives them to `press`, in order, until it wants no more. Returns whether there were any. */
  feed(press: (digit: string) => { readonly more: boolean }): boolean
  drop(): void
}

export function createEarlierKeys(): EarlierKeys {
  return new KeptKeys()
}

class KeptKeys implements EarlierKeys {
  /** In order; a key is one character. */
  #keys = ''

  add(digit: string): void {
    if (this.#keys.length < mostKeys) this.#keys += digit
  }

  feed(press: (digit: string) => { readonly more: boolean }): boolean {
    const keys = this.#keys.split('')
    const wanted = keys.findIndex((digit) => !press(digit).more)
    this.#keys = wanted < 0 ? '' : keys.slice(wanted + 1).join('')
    return keys.length > 0
  }

  drop(): void {
    this.#keys = ''
  }
}
