import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSentenceStream } from '../../../src/speech/sentence-stream.ts'
import { longestPieceChars, splitSentences } from '../../../src/speech/sentences.ts'

/** What comes out while a text is written in these chops, and at its end. */
function written(chops: readonly string[], language?: string): string[] {
  const stream = createSentenceStream(language)
  return [...chops.flatMap((chop) => stream.push(chop)), ...stream.flush()]
}

const languages: [language: string, sentences: string[]][] = [
  [
    'en',
    ['Dr. Smith paid $3.50 (e.g. for tea) at 10.30 sharp. ', 'Really?! ', 'J. R. Ewing got 1,000 of them... ', 'Why? '],
  ],
  [
    'en',
    ['See https://a.example/b?c=1.2 or www.a.example now. ', 'Or write to jane.doe@mail.example.com today. ', 'Bye.'],
  ],
  [
    'en',
    [
      'He said: "Stop! Go right now. Or else." ',
      'Then he left... ',
      "It's late, isn't it? ",
      "They're here (at last!) and well. ",
      'Ok.',
    ],
  ],
  [
    'en',
    ["Wait. <break time='1.5s'/> ", 'Call <digits>(123) 456.7890</digits> now. ', 'Say <phonemes>ˈeɪ.sɪ</phonemes>!'],
  ],
  ['en', ['A family 👨‍👩‍👧 came. ', 'A café\u0301 is 🇫🇷. ', 'One\nline. ', 'End.\n\n', 'And a paragraph. ']],
  [
    'de',
    [
      'Das ist z. B. Dr. Müller am 12. März um 10 Uhr. ',
      'Er sagt: „Halt! Geh sofort weg. Bitte.“ ',
      'Es kostet 3,50 € bzw. 4 €. ',
      'Ja.',
    ],
  ],
  ['fr', ['M. Dupont est là. ', 'Il dit « Bonjour. » puis part. ', 'Ça va ?']],
  ['es', ['¿Cómo está el Sr. Gómez? ', '¡Muy bien! ', 'Son 3,50 euros.']],
  ['it', ['Il dott. Rossi è qui. ', 'Che ore sono? ', "L'ora è tarda!"]],
  ['pt', ['O Sr. Silva chegou. ', 'Tudo bem? ', 'Até amanhã!']],
  ['ru', ['Привет. ', 'Как дела? ', 'Хорошо, спасибо!']],
  ['ja', ['こんにちは。', '価格は3.5%です。', '元気ですか？', '「はい。」', 'と言いました。', 'では、また！']],
  ['zh', ['你好。', '今天天气很好！', '是吗？', '「今天。」', '他说。', '再见。']],
  ['ko', ['안녕하세요. ', '잘 지내요? ', '네.']],
  ['ar', ['مرحبا. ', 'كيف حالك؟ ', 'أنا بخير.']],
  ['hi', ['नमस्ते। ', 'आप कैसे हैं? ', 'मैं ठीक हूँ।']],
  ['hy', ['Բարեւ։ ', 'Ինչպես ես։ ', 'Լավ։']],
  ['th', ['สวัสดีครับ วันนี้อากาศดี. ', 'ไปไหนมา? ', 'ดีครับ']],
  ['tr', ['Merhaba. ', 'Nasılsın? ', 'İyiyim, teşekkürler!']],
]

describe('in every language', () => {
  test.each(languages)('%s, %j: chopped anywhere, the sentences are those of the whole text', (language, sentences) => {
    const text = sentences.join('')
    expect(splitSentences(text, language)).toEqual(sentences)
    for (let at = 0; at <= text.length; at++)
      expect(written([text.slice(0, at), text.slice(at)], language), `chopped at ${at}`).toEqual(sentences)
    expect(written(text.split(''), language), 'by character').toEqual(sentences)
    expect(written(Array.from(text.matchAll(/\S+\s*/g), String), language), 'by word').toEqual(sentences)
  })

  test('there is enough of them', () => {
    expect(languages.flatMap(([, sentences]) => sentences).length).toBeGreaterThan(60)
    expect(new Set(languages.map(([language]) => language)).size).toBeGreaterThanOrEqual(12)
  })
})

describe('a sentence comes out', () => {
  /** What has come out after each chop. */
  const steps = (chops: readonly string[], language?: string) => {
    const stream = createSentenceStream(language)
    return chops.map((chop) => stream.push(chop))
  }

  test('with the first word of the next one, not with its end', () => {
    expect(steps(['Hello there.', ' How', ' are', ' you'])).toEqual([[], [], ['Hello there. '], []])
  })

  test('with the first character of the next one where words are not divided by spaces', () => {
    expect(steps(['你好', '。', '今'], 'zh')).toEqual([[], [], ['你好。']])
  })

  test('not inside a quotation that may still be closed, but one that never is does not keep it for ever', () => {
    expect(steps(['He said: "Stop! ', 'Go now." ', 'Then he left. '])).toEqual([[], [], ['He said: "Stop! Go now." ']])
    const [first = [], ...rest] = steps([
      'A 5" screen is small. ',
      ...Array.from({ length: 60 }, () => 'It is really so. '),
    ])
    expect(first).toEqual([])
    expect(rest.flat().slice(0, 2)).toEqual(['A 5" screen is small. ', 'It is really so. '])
  })

  test('with a tag that follows it, whole', () => {
    expect(steps(['Hello. <br', "eak time='4", "00ms'/>", ' How are '])).toEqual([
      [],
      [],
      [],
      ["Hello. <break time='400ms'/> "],
    ])
  })

  test('with whole tags, also where it is too long for one piece', () => {
    const tag = '<digits>(123) 456. 7890. Two more</digits>'
    for (let before = 360; before < 450; before += 7) {
      const whole = `${'word '.repeat(100).slice(0, before)} ${tag} and so on, ${'word '.repeat(60)}`
      expect(written(whole.split('')).filter((sentence) => sentence.includes(tag))).toHaveLength(1)
    }
  })

  test('though there is nothing to say in it: nothing is kept for ever', () => {
    const stream = createSentenceStream()
    expect(stream.push(' '.repeat(20_000)).join('').length).toBeGreaterThan(18_000)
  })

  test('though a tag is never closed', () => {
    const sentences = steps(['<digits>1 2 3. ', ...Array.from({ length: 80 }, () => 'Nobody closes it. ')]).flat()
    expect(sentences.length).toBeGreaterThan(20)
    expect(Math.max(...sentences.map((sentence) => sentence.length))).toBeLessThanOrEqual(longestPieceChars)
  })
})

describe('when the writer pauses', () => {
  const paused = (text: string, half = false, language = 'en') => {
    const stream = createSentenceStream(language)
    const before = stream.push(text)
    return [before, stream.pause(half), stream.flush()]
  }

  test.each([
    ['en', 'Hello there.'],
    ['en', 'He said: "Stop!" '],
    ['ja', '元気ですか？'],
    ['hi', 'नमस्ते।'],
    ['ar', 'كيف حالك؟'],
    ['hy', 'Բարեւ։'],
  ])('%s: a sentence that looks finished comes out: %s', (language, text) => {
    expect(paused(text, false, language)).toEqual([[], [text], []])
  })

  test.each([['I saw Dr.'], ['It costs 3.'], ['Let me see'], ['The letter J.'], ['…'], ['']])(
    'what does not look finished waits: %j',
    (text) => {
      expect(paused(text)[1]).toEqual([])
    },
  )

  test('half a sentence comes out only where it is asked for, and half a tag or character never', () => {
    expect(paused('Let me see', true)).toEqual([[], ['Let me see'], []])
    expect(paused("Wait <break time='4", true)).toEqual([[], ['Wait '], ["<break time='4"]])
    expect(paused('So \ud83d', true)).toEqual([[], ['So '], ['\ud83d']])
  })
})

describe('words', () => {
  /** Words with `…` behind them, and rests of sentences with `|`. */
  const trace = (chops: readonly string[]) => {
    const stream = createSentenceStream('en')
    const out: string[] = []
    for (const chop of chops) {
      out.push(...stream.push(chop).map((rest) => `${rest}|`))
      const words = stream.words()
      if (words !== '') out.push(`${words}…`)
    }
    return [...out, ...stream.flush().map((rest) => `${rest}|`)]
  }

  test('go out when they are whole, and the end of their sentence is told behind them', () => {
    expect(trace(['Hel', 'lo the', 're, my fri', 'end. How', ' are ', 'you'])).toEqual([
      'Hello …',
      'there, my …',
      'friend. …',
      '|',
      'How are …',
      'you|',
    ])
  })

  test('are never half a tag, nor cut inside one', () => {
    expect(trace(['Call <dig', 'its>12 34', '</dig', 'its> n', 'ow. ', "<break time='1s'/> Bye "])).toEqual([
      'Call …',
      '<digits>12 34</digits> …',
      'now. …',
      "<break time='1s'/> |",
      'Bye …',
      '|',
    ])
  })

  test('that went out are part of one sentence, though it would have been cut before', () => {
    const stream = createSentenceStream()
    const long = `${'word '.repeat(60)}word, ${'word '.repeat(24)}`
    expect(splitSentences(long)).toHaveLength(2)
    stream.push(long.slice(0, 391))
    expect(stream.words()).toBe(long.slice(0, 391))
    expect(stream.push(long.slice(391))).toEqual([])
    expect(stream.words()).toBe('')
    expect(stream.flush()).toEqual([long.slice(391)])
  })

  test('of a sentence too long for one piece end it where they ended, at a word', () => {
    const out = trace(Array.from({ length: 200 }, (_, index) => `${index}word${index % 20 === 0 ? ', ' : ' '}`))
    const pieces = out
      .join('')
      .split('|')
      .map((piece) => piece.replaceAll('…', ''))
    expect(pieces.join('')).toBe(Array.from({ length: 200 }, (_, i) => `${i}word${i % 20 === 0 ? ', ' : ' '}`).join(''))
    expect(pieces.length).toBeGreaterThan(3)
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(2 * longestPieceChars)
    for (const piece of pieces.slice(0, -1)) expect(piece).toMatch(/ $/)
  })
})

const part = fc.constantFrom(
  'Hello',
  'Dr.',
  'U.S.',
  '3.14',
  'a@b.example',
  'こんにちは',
  '你好',
  'नमस्ते',
  'e\u0301',
  '👨‍👩‍👧',
  '. ',
  '! ',
  '?',
  ', ',
  '。',
  '؟ ',
  ' ',
  '\n',
  '\r\n',
  '…',
  '"',
  '(',
  ') ',
  "'",
  "<break time='1s'/>",
  '<digits>1. 2</digits>',
  '<dig',
  '<',
  '\ud800',
  '\udc00',
)
const text = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: part },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 9 }) },
      {
        weight: 1,
        arbitrary: fc.tuple(part, fc.integer({ min: 1, max: 150 })).map(([unit, times]) => unit.repeat(times)),
      },
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''))
const language = fc.constantFrom('en', 'de', 'ja', 'hi', 'fr', 'xx')

/** Calls a stream in any way at all. */
const call = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('push' as const), chars: fc.integer({ min: 1, max: 900 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('push' as const), chars: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('words' as const), chars: fc.constant(0) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'half' as const), chars: fc.constant(0) }),
  },
)

describe('for any text', () => {
  test('what comes out, joined, is what went in, however it is chopped and whatever is asked', () => {
    fc.assert(
      fc.property(text, language, fc.array(call, { maxLength: 60 }), (whole, code, calls) => {
        const stream = createSentenceStream(code)
        const out: string[] = []
        let at = 0
        for (const { do: what, chars } of calls) {
          if (what === 'words') out.push(stream.words())
          else if (what === 'push') out.push(...stream.push(whole.slice(at, at + chars)))
          else out.push(...stream.pause(what === 'half'))
          at += chars
        }
        out.push(...stream.push(whole.slice(at)), ...stream.flush())
        expect(out.join('')).toBe(whole)
        expect(stream.flush()).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('by character, the sentences of prose are those of the whole text', () => {
    const prose = fc
      .array(
        fc.constantFrom(...languages.slice(0, 5).flatMap(([, sentences]) => sentences), 'so it went on, '.repeat(40)),
        {
          minLength: 1,
          maxLength: 8,
        },
      )
      .map((sentences) => sentences.map((sentence) => `${sentence.trimEnd()} `).join(''))
    fc.assert(
      fc.property(prose, (whole) => {
        expect(written(whole.split(''), 'en')).toEqual(splitSentences(whole, 'en'))
      }),
      { numRuns: 30 },
    )
  })
})

test('20,000 tokens cost twice what 10,000 do, and no more than is written is kept', () => {
  const words = ['and ', 'so ', 'it ', 'went ', 'on, ', 'Dr. Smith said. ', 'Was it 3.5? ', '"Yes." ', '(No.) ']
  const cost = (count: number) => {
    const stream = createSentenceStream('en')
    const before = process.cpuUsage()
    let sentences = 0
    for (let index = 0; index < count; index++) sentences += stream.push(words[index % words.length] ?? '').length
    const { user, system } = process.cpuUsage(before)
    expect(sentences).toBeGreaterThan(count / 10)
    return user + system
  }
  cost(2_000)
  // Were the whole text looked at with every token, it would be four times as much. Other work makes no test fail.
  expect(cost(20_000) / cost(10_000)).toBeLessThan(3.5)
})

test('texts that never end a sentence cost no more than others', () => {
  for (const unit of ['"', '<digits>', '(', 'a', ' ', '\u0301', '<break ', '👨‍👩‍👧', '\ud800', '1.']) {
    const long = unit.repeat(20_000 / unit.length)
    expect(written([long])).toHaveLength(written([long.slice(0, 10_000), long.slice(10_000)]).length)
    expect(written([long]).join('')).toBe(long)
  }
})
