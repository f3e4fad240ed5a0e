import type { Gather, Method, Pause, Play, Say, StreamNoun, TwimlProblem, Verb } from './verbs.ts'
import type { Element } from './xml.ts'

/** Reads attributes with their defaults; a value out of range is told and replaced by the default. */
function reader(element: Element, problems: TwimlProblem[]) {
  const { attributes, name } = element
  const wrong = (attribute: string, expected: string) =>
    problems.push({ code: 12_200, message: `<${name} ${attribute}>: expected ${expected}` })
  return {
    text: (attribute: string): string | undefined => attributes[attribute],
    /** A whole number from `least`. */
    count(attribute: string, fallback: number, least = 0): number {
      const value = attributes[attribute]
      if (value === undefined) return fallback
      if (/^\d{1,9}$/.test(value.trim()) && Number(value) >= least) return Number(value)
      wrong(attribute, `a whole number of at least ${least}`)
      return fallback
    },
    method(attribute = 'method'): Method {
      const value = attributes[attribute]
      if (value === undefined || value === 'POST') return 'POST'
      if (value === 'GET') return 'GET'
      wrong(attribute, 'GET or POST')
      return 'POST'
    },
    truth: (attribute: string): boolean => attributes[attribute] === 'true',
  }
}

/** A verb element, already freed of what the schema does not know. */
export function toVerb(element: Element, problems: TwimlProblem[]): Verb {
  const read = reader(element, problems)
  const action = read.text('action')
  switch (element.name) {
    case 'Say':
    case 'Play':
    case 'Pause':
      return toPrompt(element, problems)
    case 'Gather':
      return toGather(element, problems)
    case 'Dial':
      return {
        verb: 'Dial',
        action,
        method: read.method(),
        timeoutMs: read.count('timeout', 30) * 1000,
        timeLimitMs: read.count('timeLimit', 14_400, 1) * 1000,
        callerId: read.text('callerId'),
        hangupOnStar: read.truth('hangupOnStar'),
        numbers: numbersOf(element),
      }
    case 'Record':
      return {
        verb: 'Record',
        action,
        method: read.method(),
        timeoutMs: read.count('timeout', 5, 1) * 1000,
        maxLengthMs: read.count('maxLength', 3600, 1) * 1000,
        finishOnKey: read.text('finishOnKey') ?? '1234567890*#',
      }
    case 'Connect':
      return { verb: 'Connect', action, method: read.method(), stream: streamOf(element, problems) }
    case 'Start':
      return { verb: 'Start', stream: streamOf(element, problems) }
    case 'Stop':
      return { verb: 'Stop', streamName: element.children.find((child) => child.name === 'Stream')?.attributes['name'] }
    case 'Redirect':
      return { verb: 'Redirect', url: element.text.trim(), method: read.method() }
    case 'Hangup':
      return { verb: 'Hangup' }
    case 'Reject':
      return { verb: 'Reject', reason: read.text('reason') === 'busy' ? 'busy' : 'rejected' }
    default:
      return { verb: 'unsupported', name: element.name }
  }
}

function toPrompt(element: Element, problems: TwimlProblem[]): Say | Play | Pause {
  const read = reader(element, problems)
  if (element.name === 'Pause') return { verb: 'Pause', lengthMs: read.count('length', 1) * 1000 }
  const loop = read.count('loop', 1)
  if (element.name === 'Say') return { verb: 'Say', text: element.text.replace(/\s+/g, ' ').trim(), loop }
  return { verb: 'Play', url: element.text.trim(), digits: read.text('digits'), loop }
}

function toGather(element: Element, problems: TwimlProblem[]): Gather {
  const read = reader(element, problems)
  return {
    verb: 'Gather',
    action: read.text('action'),
    method: read.method(),
    timeoutMs: read.count('timeout', 5) * 1000,
    numDigits: read.count('numDigits', Number.POSITIVE_INFINITY, 1),
    finishOnKey: read.text('finishOnKey') ?? '#',
    actionOnEmptyResult: read.truth('actionOnEmptyResult'),
    takesKeys: (read.text('input') ?? 'dtmf').split(/\s+/).includes('dtmf'),
    prompts: element.children.map((child) => toPrompt(child, problems)),
  }
}

function numbersOf(dial: Element): string[] {
  const nouns = dial.children.filter((child) => child.name === 'Number').map((child) => child.text.trim())
  const own = dial.ownText.trim()
  return own === '' ? nouns : [own, ...nouns]
}

function streamOf(element: Element, problems: TwimlProblem[]): StreamNoun | undefined {
  const stream = element.children.find((child) => child.name === 'Stream')
  if (!stream) return undefined
  const read = reader(stream, problems)
  return {
    url: read.text('url') ?? '',
    name: read.text('name'),
    track: read.text('track') ?? 'inbound_track',
    statusCallback: read.text('statusCallback'),
    statusCallbackMethod: read.method('statusCallbackMethod'),
    parameters: stream.children.map(({ attributes }) => ({
      name: attributes['name'] ?? '',
      value: attributes['value'] ?? '',
    })),
  }
}
