/** TwiML verbs, after parsing, with defaults filled in and durations in milliseconds. */
export type Method = 'GET' | 'POST'

export interface Say {
  readonly verb: 'Say'
  readonly text: string
  readonly loop: number
}

export interface Play {
  readonly verb: 'Play'
  readonly url: string
  readonly digits: string | undefined
  readonly loop: number
}

export interface Pause {
  readonly verb: 'Pause'
  readonly lengthMs: number
}

export interface Gather {
  readonly verb: 'Gather'
  readonly action: string | undefined
  readonly method: Method
  readonly timeoutMs: number
  readonly numDigits: number
  readonly finishOnKey: string
  readonly actionOnEmptyResult: boolean
  readonly takesKeys: boolean
  readonly prompts: readonly (Say | Play | Pause)[]
}

export interface Dial {
  readonly verb: 'Dial'
  readonly action: string | undefined
  readonly method: Method
  readonly timeoutMs: number
  readonly timeLimitMs: number
  readonly callerId: string | undefined
  readonly hangupOnStar: boolean
  readonly numbers: readonly string[]
}

export interface RecordVerb {
  readonly verb: 'Record'
  readonly action: string | undefined
  readonly method: Method
  readonly timeoutMs: number
  readonly maxLengthMs: number
  readonly finishOnKey: string
}

export interface StreamNoun {
  readonly url: string
  readonly name: string | undefined
  readonly track: string
  readonly statusCallback: string | undefined
  readonly statusCallbackMethod: Method
  readonly parameters: readonly { readonly name: string; readonly value: string }[]
}

export interface Connect {
  readonly verb: 'Connect'
  readonly action: string | undefined
  readonly method: Method
  /** Undefined when it connects to something else. */
  readonly stream: StreamNoun | undefined
}

export type Verb =
  | Say
  | Play
  | Pause
  | Gather
  | Dial
  | RecordVerb
  | Connect
  | { readonly verb: 'Start'; readonly stream: StreamNoun | undefined }
  | { readonly verb: 'Stop'; readonly streamName: string | undefined }
  | { readonly verb: 'Redirect'; readonly url: string; readonly method: Method }
  | { readonly verb: 'Hangup' }
  | { readonly verb: 'Reject'; readonly reason: 'rejected' | 'busy' }
  /** A verb of Twilio's that this network does not play. */
  | { readonly verb: 'unsupported'; readonly name: string }

export interface TwimlProblem {
  readonly code: number
  readonly message: string
}

export type TwimlDocument =
  | { readonly kind: 'document'; readonly verbs: readonly Verb[]; readonly problems: readonly TwimlProblem[] }
  | { readonly kind: 'unreadable'; readonly problem: TwimlProblem }
