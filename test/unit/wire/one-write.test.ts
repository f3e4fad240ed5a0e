import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { inOneWrite, writeBytes } from '../../../src/wire/one-write.ts'

/** Tells what left, one entry a write. */
function createStream() {
  const left: string[] = []
  const stream = new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      left.push(chunk.toString('latin1'))
      done()
    },
    writev(chunks: readonly { chunk: Buffer }[], done) {
      left.push(chunks.map(({ chunk }) => chunk.toString('latin1')).join(''))
      done()
    },
  })
  return { stream, left }
}

test('what is written leaves at once', () => {
  const { stream, left } = createStream()
  writeBytes(stream, 'one')
  writeBytes(stream, 'tw\xff')
  expect(left).toEqual(['one', 'tw\xff'])
})

test('what is written while one read is dealt with leaves in one write for each stream, in order', () => {
  const [one, other] = [createStream(), createStream()]
  inOneWrite(() => {
    writeBytes(one.stream, 'a')
    writeBytes(other.stream, '1')
    // Of somebody who knows nothing of it.
    one.stream.write('b')
    writeBytes(one.stream, 'c')
    expect([one.left, other.left]).toEqual([[], []])
  })
  expect([one.left, other.left]).toEqual([['abc'], ['1']])
  writeBytes(one.stream, 'd')
  expect(one.left).toEqual(['abc', 'd'])
})

test('a read within a read leaves with the outer one', () => {
  const { stream, left } = createStream()
  inOneWrite(() => {
    inOneWrite(() => writeBytes(stream, 'a'))
    expect(left).toEqual([])
    writeBytes(stream, 'b')
  })
  expect(left).toEqual(['ab'])
})

test('what was written leaves although the rest of the read failed', () => {
  const { stream, left } = createStream()
  const failing = () =>
    inOneWrite(() => {
      writeBytes(stream, 'a')
      throw new Error('no more')
    })
  expect(failing).toThrow('no more')
  expect(left).toEqual(['a'])
  writeBytes(stream, 'b')
  expect(left).toEqual(['a', 'b'])
})

test('a stream that was ended meanwhile has sent all, one that was destroyed nothing more', () => {
  const [ended, destroyed] = [createStream(), createStream()]
  inOneWrite(() => {
    writeBytes(ended.stream, 'a')
    ended.stream.end('b')
    writeBytes(destroyed.stream, 'a')
    destroyed.stream.destroy()
  })
  expect([ended.left.join(''), destroyed.left]).toEqual(['ab', []])
})
