/** What the callee of a notification may press, and is told. */
export interface NotifyKeys {
  /** A key each; undefined: it is not offered. */
  readonly confirm: string | undefined
  readonly repeat: string | undefined
  readonly optOut: string | undefined
  readonly prompt: string
  readonly confirmedText: string
  readonly optedOutText: string
}

type Parameters = Readonly<Record<string, string>>

/** Parameters with a key as their value. */
const offers = ['confirm', 'repeat', 'optOut'] as const
/** Parameters that are said, where they are given. */
export const notifyTexts = ['voicemail', 'prompt', 'confirmedText', 'optedOutText'] as const

/** All that a notification takes. */
export const notifyParameters: readonly string[] = ['message', ...offers, ...notifyTexts]

/** The keys of a notification as its parameters ask for them; undefined: none is asked for. */
export function notifyKeys(parameters: Parameters): NotifyKeys | undefined {
  const { confirm, repeat, optOut, prompt, confirmedText, optedOutText } = parameters
  if (confirm === undefined && repeat === undefined && optOut === undefined) return undefined
  const offered = [
    confirm === undefined ? '' : `Press ${named(confirm)} to confirm.`,
    repeat === undefined ? '' : `Press ${named(repeat)} to hear this again.`,
    optOut === undefined ? '' : `Press ${named(optOut)} if you do not want to be called again.`,
  ]
  return {
    confirm,
    repeat,
    optOut,
    prompt: prompt ?? offered.filter((words) => words !== '').join(' '),
    confirmedText: confirmedText ?? 'Thank you. Goodbye.',
    optedOutText: optedOutText ?? 'You will not be called again. Goodbye.',
  }
}

/** What is wrong with the parameters of a notification; undefined: nothing. */
export function whyNotNotify(parameters: Parameters): string | undefined {
  const keys: string[] = []
  for (const name of offers) {
    const key = parameters[name]
    if (key === undefined) continue
    if (!/^[0-9*#]$/.test(key)) return `The parameter ${name}: expected a key, 0 to 9, * or #.`
    if (keys.includes(key)) return `The parameter ${name}: expected a key of its own; another parameter has it.`
    keys.push(key)
  }
  return undefined
}

function named(key: string): string {
  if (key === '#') return 'the pound key'
  return key === '*' ? 'the star key' : key
}
