const keyBytes = 4
const firstNonAscii = 0x80

/**
 * Reads the content of a text frame of a client, where it stands.
 *
 * @param from where the content begins; its key stands in the four bytes before it (RFC 6455, 5.3)
 * @returns the text, or undefined where it is not ASCII throughout: then the bytes are as they were
 */
export function readMaskedAscii(bytes: Buffer, from: number, to: number): string | undefined {
  if (unmask(bytes, from, to) < firstNonAscii) return bytes.toString('latin1', from, to)
  unmask(bytes, from, to)
  return undefined
}

/** Done twice, it changes nothing. @returns all bytes of the result, or-ed */
function unmask(bytes: Buffer, from: number, to: number): number {
  let all = 0
  for (let at = from; at < to; at++) {
    const byte = (bytes[at] ?? 0) ^ (bytes[from - keyBytes + ((at - from) % keyBytes)] ?? 0)
    bytes[at] = byte
    all |= byte
  }
  return all
}
