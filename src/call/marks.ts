/**
 * Marks that were sent and have not come back, oldest first, each with what is to be known of it. A list: few are on their
 * way at a time, and nearly always it is the oldest that comes back.
 */
export interface Marks {
  /** @param value never NaN */
  add(name: string, value: number): void
  /** It came back. Returns its value; undefined: it is not on its way. */
  take(name: string): number | undefined
  /** The value of the oldest. */
  oldest(): number | undefined
  clear(): void
}

export function createMarks(): Marks {
  return new MarkList()
}

interface Mark {
  readonly name: string
  readonly value: number
  next: Mark | undefined
}

class MarkList implements Marks {
  #oldest: Mark | undefined
  #latest: Mark | undefined

  add(name: string, value: number): void {
    const mark: Mark = { name, value, next: undefined }
    if (this.#latest) this.#latest.next = mark
    else this.#oldest = mark
    this.#latest = mark
  }

  take(name: string): number | undefined {
    let former: Mark | undefined
    let mark = this.#oldest
    while (mark && mark.name !== name) {
      former = mark
      mark = mark.next
    }
    if (!mark) return undefined
    if (former) former.next = mark.next
    else this.#oldest = mark.next
    if (!mark.next) this.#latest = former
    return mark.value
  }

  oldest(): number | undefined {
    return this.#oldest?.value
  }

  clear(): void {
    this.#oldest = undefined
    this.#latest = undefined
  }
}
