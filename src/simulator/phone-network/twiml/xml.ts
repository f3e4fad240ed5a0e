import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** An element of an XML document, as far as TwiML needs it. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  /** The text inside, of all children too, white space kept. */
  readonly text: string
  /** The text directly inside, without that of children. */
  readonly ownText: string
}

const attributesKey = ':@'
const textKey = '#text'

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
})

/** The root element, or what makes the text no well-formed XML document. */
export function parseXml(text: string): Element | { problem: string } {
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text
  const declaration = bare.indexOf('<?xml')
  if (declaration > 0) return { problem: 'something stands before <?xml' }
  if (bare.trim() === '') return { problem: 'the document is empty' }
  try {
    const valid = XMLValidator.validate(bare)
    if (valid !== true) return { problem: `${valid.err.msg} (line ${valid.err.line})` }
    const tree: unknown = parser.parse(bare)
    const roots = elementsOf(tree)
    const root = roots[0]
    if (!root || roots.length > 1) return { problem: `expected one root element, got ${roots.length}` }
    return root
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'not XML' }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nodesOf(tree: unknown): Record<string, unknown>[] {
  return Array.isArray(tree) ? tree.filter(isRecord) : []
}

function elementsOf(tree: unknown): Element[] {
  const elements: Element[] = []
  for (const node of nodesOf(tree)) {
    const name = Object.keys(node).find((key) => key !== attributesKey && key !== textKey && !key.startsWith('?'))
    if (name !== undefined) elements.push(elementOf(name, node))
  }
  return elements
}

function elementOf(name: string, node: Record<string, unknown>): Element {
  const attributes: Record<string, string> = {}
  const given = node[attributesKey]
  if (isRecord(given)) for (const [key, value] of Object.entries(given)) attributes[key] = String(value)
  return {
    name,
    attributes,
    children: elementsOf(node[name]),
    text: textOf(node[name]),
    ownText: nodesOf(node[name])
      .map((child) => child[textKey])
      .filter((text) => typeof text === 'string')
      .join(''),
  }
}

function textOf(tree: unknown): string {
  return nodesOf(tree)
    .map((node) => {
      const text = node[textKey]
      if (typeof text === 'string') return text
      const name = Object.keys(node).find((key) => key !== attributesKey)
      return name === undefined ? '' : textOf(node[name])
    })
    .join('')
}
