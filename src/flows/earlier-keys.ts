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
  let keys: string[] = []
  return {
    add(digit) {
      if (keys.length < mostKeys) keys.push(digit)
    },
    feed(press) {
      const wanted = keys.findIndex((digit) => !press(digit).more)
      const any = keys.length > 0
      keys = wanted < 0 ? [] : keys.slice(wanted + 1)
      return any
    },
    drop() {
      keys = []
    },
  }
}
