import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasWords, parseMarkup } from '../../../src/speech/markup.ts'
import { longestPieceChars, splitSentences } from '../../../src/speech/sentences.ts'

describe('sentences', () => {
  const cases: [language: string, pieces: string[]][] = [
    ['en', ['Dr. Smith met Mr. Jones vs. the U.S. team at 10.30 a.m. on Jan. 5th. ', 'He paid $3.50 (e.g. for tea). ']],
    ['en', ['See https://a.example/b?c=1.2 or www.example.com. ', 'Version 3.14 is out! ', 'Really?! ', 'Yes.']],
    ['en', ['J. R. Smith called. ', 'He said: "Stop! Go." ', 'Then he left.']],
    ['en-GB', ['One.\r\n\r\n', 'Two.\n\n\n']],
    ['en', ['A line that goes on\r\nin the next one. ', 'End.']],
    ['de', ['Das ist z.B. der Dr. Müller am 5. Mai um 10 Uhr. ', 'Danke.']],
    ['fr', ['M. Dupont est là. ', 'Il dit « Bonjour. » puis part.']],
    ['es', ['¿Cómo está? ', '¡Muy bien! ', 'Gracias.']],
    ['ja', ['こんにちは。', '価格は3.5%です。', '元気ですか？', '（はい。）そうです。']],
    ['zh-CN', ['你好。', '今天天气很好！', '是吗？']],
    ['ar', ['مرحبا. ', 'كيف حالك؟ ', 'أنا بخير.']],
    ['hi', ['नमस्ते। ', 'आप कैसे हैं? ', 'मैं ठीक हूँ।']],
    ['ru', ['Привет. ', 'Как дела? ', 'Хорошо.']],
    ['xx', ['An unknown language. ', 'It is split as well.']],
    ['', ['No language. ', 'None.']],
  ]
  test.each(cases)('%s: %j', (language, pieces) => {
    expect(splitSentences(pieces.join(''), language)).toEqual(pieces)
  })

  test('no text has no pieces; a text without words is one', () => {
    expect(splitSentences('')).toEqual([])
    expect(splitSentences(' ... !? \n')).toEqual([' ... !? \n'])
  })

  test('pieces without words are joined to the sentence before them, at the start to the one after', () => {
    expect(splitSentences('... Hello there. ... How are you?')).toEqual(['... Hello there. ... ', 'How are you?'])
    expect(
      splitSentences("<break time='1s'/> Hello there. <break time='1s'/> How are you? <break time='1s'/>"),
    ).toEqual(["<break time='1s'/> Hello there. <break time='1s'/> ", "How are you? <break time='1s'/>"])
  })
})

describe('markup', () => {
  test('points inside a tag end no sentence, and a number in a tag does not follow one', () => {
    expect(splitSentences('Call <digits>(123) 456.7890. 1</digits>. Take no. <digits>5</digits>. Thank you.')).toEqual([
      'Call <digits>(123) 456.7890. 1</digits>. ',
      'Take no. <digits>5</digits>. ',
      'Thank you.',
    ])
    expect(splitSentences('I am <phonemes>ˈeɪ. Sɪŋk! X</phonemes>. You?')).toEqual([
      'I am <phonemes>ˈeɪ. Sɪŋk! X</phonemes>. ',
      'You?',
    ])
  })

  test('an element longer than a piece stays whole', () => {
    const long = `<digits>${'1 '.repeat(400)}</digits>`
    for (const before of ['', 'Hi. ', 'Some words, '.repeat(40)])
      for (const after of ['', '.', ' and more.', ` ${long}`]) {
        const pieces = splitSentences(before + long + after)
        expect(pieces.join('')).toBe(before + long + after)
        expect(pieces.some((piece) => piece.includes(long))).toBe(true)
      }
  })
})

describe('long sentences', () => {
  test('are cut after a clause mark where there is one, else after a space', () => {
    const clauses = splitSentences('and so it went on for a while, '.repeat(30))
    expect(clauses.length).toBeGreaterThan(2)
    expect(clauses.every((piece) => piece.endsWith('while, '))).toBe(true)
    const words = splitSentences('word '.repeat(200))
    expect(words.every((piece) => piece.endsWith('word '))).toBe(true)
    const japanese = splitSentences('とても長い文章が続いて、'.repeat(60), 'ja')
    expect(japanese.every((piece) => piece.endsWith('、'))).toBe(true)
  })

  test('a full stop after 400 letters does not become a piece of its own', () => {
    expect(splitSentences(`${'a'.repeat(400)}.`).length).toBe(1)
    expect(splitSentences(`${'a'.repeat(400)}b`).length).toBe(2)
  })

  test('families of emoji and accented letters are not cut', () => {
    for (const unit of ['👨‍👩‍👧', 'e\u0301\u0302', '🇫🇷', '한', '𝒜', 'नि'])
      for (const offset of ['', 'x', 'xy', 'xyz'])
        for (const piece of splitSentences(offset + unit.repeat(500))) {
          const inner = piece.startsWith('x') ? piece.slice(offset.length) : piece
          expect(inner.replaceAll(unit, '')).toBe('')
        }
  })
})

const element = fc.constantFrom(
  "<break time='0.5s'/>",
  '<break time="1s"/>',
  '<digits>(123) 456.7890</digits>',
  '<digits>1. 2! 3?</digits>',
  '<phonemes>ˈeɪ.sɪŋk</phonemes>',
)
const word = fc.constantFrom(
  'Hello',
  'world',
  'Dr.',
  'U.S.',
  '3.14',
  'a@b.example',
  'こんにちは',
  '你好',
  'नमस्ते',
  'e\u0301',
  '👨‍👩‍👧',
)
const mark = fc.constantFrom(
  '. ',
  '! ',
  '? ',
  ', ',
  '。',
  '؟ ',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '\n\n',
  '…',
  '"',
  '(',
  ') ',
  "'",
)
const odd = fc.constantFrom(
  '\uE000',
  '\uF8FF',
  '\uD800',
  '\uDC00',
  '\0',
  '\u2028',
  '\u0085',
  '\uFEFF',
  '\u200B',
  '<',
  '>',
  '</digits>',
)
const text = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: word },
      { weight: 6, arbitrary: mark },
      { weight: 2, arbitrary: element },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 600 }).map((size) => `<digits>${'1'.repeat(size)}</digits>`) },
      { weight: 1, arbitrary: odd },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
      {
        weight: 1,
        arbitrary: fc.tuple(word, fc.integer({ min: 1, max: 150 })).map(([unit, times]) => unit.repeat(times)),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(mark, fc.integer({ min: 1, max: 150 })).map(([unit, times]) => unit.repeat(times)),
      },
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(''))
const language = fc.constantFrom('en', 'ja', 'ar', 'hi', 'de', 'fr', 'pt-BR', 'xx')

describe('for any text', () => {
  test('the pieces are the text again, no piece is empty or too long, and elements stay whole', () => {
    const elements = (whole: string) => parseMarkup(whole).filter((part) => part.kind !== 'text')
    fc.assert(
      fc.property(text, language, (whole, code) => {
        const pieces = splitSentences(whole, code)
        expect(pieces.join('')).toBe(whole)
        const elementChars = Math.max(0, ...elements(whole).map((part) => part.source.length))
        const longest = Math.max(longestPieceChars, elementChars)
        expect(pieces.every((piece) => piece.length > 0 && piece.length <= longest)).toBe(true)
        expect(pieces.flatMap(elements)).toEqual(elements(whole))
      }),
      { numRuns: 400 },
    )
  })

  test('a piece without words stands alone only where no neighbour has room for it', () => {
    fc.assert(
      fc.property(text, language, (whole, code) => {
        const pieces = splitSentences(whole, code)
        for (const [index, piece] of pieces.entries()) {
          if (hasWords(piece)) continue
          for (const neighbour of [pieces[index - 1], pieces[index + 1]])
            if (neighbour !== undefined) expect(piece.length + neighbour.length).toBeGreaterThan(longestPieceChars)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('no piece begins or ends inside a surrogate pair', () => {
    fc.assert(
      fc.property(text, language, (whole, code) => {
        if (!whole.isWellFormed()) return
        expect(splitSentences(whole, code).every((piece) => piece.isWellFormed())).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

test('quotation marks between sentence marks, on which the splitter panics, are split all the same', () => {
  expect(splitSentences('He said "Stop."... Then he left. We stayed.')).toEqual([
    'He said "Stop."... ',
    'Then he left. ',
    'We stayed.',
  ])
  expect(splitSentences(". '. '. . ")).toEqual([". '. '. . "])
})

test('half a surrogate pair spoils nothing around it', () => {
  expect(splitSentences('Dr. Smith \uD800 came. He left.')).toEqual(['Dr. Smith \uD800 came. ', 'He left.'])
})

test('nothing of a text is ever printed, not by a panic of the splitter either', () => {
  const script = `
    import { splitSentences } from '${new URL('../../../src/speech/sentences.ts', import.meta.url).href}'
    splitSentences('He said "Stop."... Then he left.')
    splitSentences(". '. '. . ")`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('a character without end is cut all the same, but never between two halves of a surrogate pair', () => {
  for (const offset of ['', 'x', 'xy']) {
    const pieces = splitSentences(offset + '👨\u200d'.repeat(400))
    expect(pieces.length).toBeGreaterThan(2)
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true)
  }
})

test('a cut after a space leaves no accent without its space', () => {
  const pieces = splitSentences('word \u0301'.repeat(200))
  expect(pieces.length).toBeGreaterThan(2)
  expect(pieces.filter((piece) => piece.startsWith('\u0301'))).toEqual([])
})

test('the sentences of a long text are those of a short one', () => {
  const sentences: [string, string][] = [
    ['en', 'Dr. Smith met Mr. Jones at 10.30 a.m. today. '],
    ['ja', 'とても長い文章です。'],
    ['hi', 'मैं ठीक हूँ। '],
    ['en', 'Mr. Smith called again 𝒜 now. '],
  ]
  for (const [code, sentence] of sentences) {
    const pieces = splitSentences(sentence.repeat(2000), code)
    expect([code, pieces.length, new Set(pieces).size]).toEqual([code, 2000, 1])
  }
  const words = splitSentences('vocabulary '.repeat(5000))
  expect(words.filter((piece) => !/^(?:vocabulary )+$/.test(piece))).toEqual([])
})

test('100,000 hostile characters are split without hanging', () => {
  for (const unit of ['.', '(', 'a', 'A. ', '\u0301', "<break time='1s'/>", '<digits>', '👨‍👩‍👧', '\uD800', '\r']) {
    const long = unit.repeat(100_000 / unit.length)
    expect(splitSentences(long).join('')).toBe(long)
  }
})
