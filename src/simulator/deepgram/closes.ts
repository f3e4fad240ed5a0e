/** Why the service ends a socket (Deepgram docs, text-to-speech troubleshooting): close code and a sentence for it. */
const closes = {
  'MESSAGE-0000': { code: 1003, sentence: 'The WebSocket message type is not supported.' },
  'DATA-0000': { code: 1008, sentence: 'The message is not a valid command.' },
  'DATA-0001': { code: 1008, sentence: 'Too many characters were sent in the recent time window.' },
  'BIG-0000': { code: 1009, sentence: 'The message is too large.' },
  'BIG-0001': { code: 1009, sentence: 'The text has too many characters.' },
  'NET-0000': { code: 1011, sentence: 'Something went wrong on our side.' },
  'NET-0001': { code: 1011, sentence: 'No message came within the timeout window.' },
  'NET-0002': { code: 1011, sentence: 'A message could not be sent.' },
  'NET-0003': { code: 1011, sentence: 'The time limit of the connection is exceeded.' },
} as const

export type FatalCode = keyof typeof closes
export const fatalCodes: readonly string[] = Object.keys(closes)

export interface FatalClose {
  readonly code: number
  readonly reason: string
  readonly sentence: string
}

/** As `sentence` the reason ends with a link, as it was seen on Deepgram's other sockets (pipecat-ai/pipecat#1113). */
export function fatalClose(fatal: FatalCode, form: 'code' | 'sentence'): FatalClose {
  const { code, sentence } = closes[fatal]
  const link = `https://dpgr.am/${fatal.toLowerCase().replace('-', '')}`
  return { code, sentence, reason: form === 'code' ? fatal : `${sentence} See ${link}` }
}
