import { FastPath } from '../../../src/wire/fast-path.ts'

type Take = (bytes: Buffer, from: number, to: number) => boolean

/** Takes by a function. */
export class Path extends FastPath {
  readonly #take: Take

  constructor(masked: boolean, take: Take) {
    super(masked)
    this.#take = take
  }

  protected override take(bytes: Buffer, from: number, to: number): boolean {
    return this.#take(bytes, from, to)
  }
}
