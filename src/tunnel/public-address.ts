/** How many former addresses are remembered, the latest. */
const formerLimit = 5

/**
 * The address Twilio reaches us at, and those it had before: calls that were created under one of them still name it
 * in their callbacks, and Twilio signs what it was told.
 */
export interface PublicAddress {
  /** Empty until there is one. */
  readonly url: string
  /** The latest first. */
  readonly former: readonly string[]
  change(url: string): void
}

export function createPublicAddress(first = ''): PublicAddress {
  let url = first
  let former: readonly string[] = []
  return {
    get url() {
      return url
    },
    get former() {
      return former
    },
    change(next) {
      if (next === url) return
      if (url !== '') former = [url, ...former.filter((one) => one !== url)].slice(0, formerLimit)
      url = next
      former = former.filter((one) => one !== next)
    },
  }
}
