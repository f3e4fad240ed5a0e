import { expect, test } from 'vitest'
import { parseTwiml } from '../../../../src/simulator/phone-network/twiml/parse.ts'

function verbsOf(inside: string) {
  const document = parseTwiml(`<Response>${inside}</Response>`)
  if (document.kind !== 'document') throw new Error(document.problem.message)
  return document
}

test('verbs have their defaults and their order', () => {
  const { problems, verbs } = verbsOf(
    '<Say>Hi &amp; <break time="1s"/> <emphasis>bye</emphasis></Say><Pause/><Play digits="1w2"/><Gather/><Dial>+15550100</Dial><Hangup/>',
  )
  expect(problems).toEqual([])
  expect(verbs).toMatchObject([
    { verb: 'Say', text: 'Hi & bye', loop: 1 },
    { verb: 'Pause', lengthMs: 1000 },
    { verb: 'Play', digits: '1w2' },
    { verb: 'Gather', timeoutMs: 5000, finishOnKey: '#', method: 'POST', takesKeys: true },
    { verb: 'Dial', numbers: ['+15550100'], timeoutMs: 30_000 },
    { verb: 'Hangup' },
  ])
})

test.each([
  ['<say>hello</say>', '<say>'],
  ['<Say Voice="x">hello</Say>', '"Voice"'],
  ['<Connect><Stream url="wss://h/m"><parameter/></Stream></Connect>', '<parameter>'],
  ['words', 'text'],
  ['<Pause length="soon"/>', 'length'],
  ['<Redirect method="PUT">/x</Redirect>', 'method'],
  ['<Gather><Dial>+1</Dial></Gather>', '<Dial>'],
])('12200: %s', (inside, named) => {
  const { problems } = verbsOf(inside)
  expect(problems).toMatchObject([{ code: 12_200 }])
  expect(problems[0]?.message).toContain(named)
})

test('what the schema does not know is left out, the rest runs', () => {
  expect(verbsOf('<say>a</say><Say>b</Say>').verbs).toMatchObject([{ verb: 'Say', text: 'b' }])
})

test.each([
  ['12100', 'debug output <?xml version="1.0"?><Response/>'],
  ['12100', '<Response>'],
  ['12100', 'just text'],
  ['12100', '<Response/><Response/>'],
  ['12100', '\u0000\u0001'],
  ['12200', '<response/>'],
])('%s: %j cannot be read', (code, text) => {
  expect(parseTwiml(text)).toMatchObject({ kind: 'unreadable', problem: { code: Number(code) } })
})

test('a declaration, comments, CDATA and a byte order mark are fine', () => {
  const text =
    '\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<!-- x --><Response><Say><![CDATA[a < b]]></Say></Response>\n'
  expect(parseTwiml(text)).toMatchObject({ kind: 'document', verbs: [{ verb: 'Say', text: 'a < b' }], problems: [] })
})

test('a verb of Twilio that is not played here is kept as such', () => {
  expect(verbsOf('<Enqueue>support</Enqueue>').verbs).toEqual([{ verb: 'unsupported', name: 'Enqueue' }])
})
