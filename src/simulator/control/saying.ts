import type { PhoneNetwork } from '../phone-network/network.ts'
import type { Phone } from '../phone-network/phone/phone.ts'
import { type Saying, spokenAloud } from '../saying.ts'

/** A minute of speech. */
const mostWords = 200

/** An emulated recognizer, whichever it is. */
export interface Ear {
  hear(saying: Saying): void
  readonly sockets: readonly { readonly open: boolean }[]
}

/**
 * The person at the phone says words: the phone sends a sound for each, and the newest open connection of each
 * recognizer hears them. Which of several calls a connection belongs to, an emulated recognizer does not know.
 *
 * @returns whether anybody listened; what nobody listens to is sound without words
 * @throws Error when there are no words, or too many
 */
export function say(words: string, phone: Phone, network: Pick<PhoneNetwork, 'calls'>, ears: readonly Ear[]): boolean {
  const { text, words: count, sound } = spokenAloud(words)
  if (count === 0 || count > mostWords) throw new Error(`expected 1 to ${mostWords} words; ${count} came`)
  const { number } = phone
  if (!network.calls.some((call) => call.status === 'in-progress' && [call.to, call.from].includes(number)))
    return false
  phone.speak(sound)
  const open = ears.filter(({ sockets }) => sockets.some((socket) => socket.open))
  for (const ear of open) ear.hear({ text })
  return open.length > 0
}
