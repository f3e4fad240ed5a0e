import { schema } from './schema.ts'
import { toVerb } from './to-verb.ts'
import type { TwimlDocument, TwimlProblem, Verb } from './verbs.ts'
import { type Element, parseXml } from './xml.ts'

/**
 * Reads TwiML. Text that is no XML, or has something before `<?xml`, cannot be read at all (12100). What the schema
 * does not know is told (12200) and left out: names are case-sensitive, `<say>` says nothing.
 */
export function parseTwiml(text: string): TwimlDocument {
  const root = parseXml(text)
  if ('problem' in root) return { kind: 'unreadable', problem: { code: 12_100, message: root.problem } }
  if (root.name !== 'Response')
    return { kind: 'unreadable', problem: { code: 12_200, message: `expected <Response>, got <${root.name}>` } }
  const problems: TwimlProblem[] = []
  const checked = check(root, problems)
  const verbs: Verb[] = []
  for (const child of checked.children) verbs.push(toVerb(child, problems))
  return { kind: 'document', verbs, problems }
}

/** The element without what the schema does not allow, which is told in `problems`. */
function check(element: Element, problems: TwimlProblem[]): Element {
  const rule = schema[element.name]
  if (!rule) return element
  const unknown = (what: string) => problems.push({ code: 12_200, message: `<${element.name}>: ${what}` })
  const attributes: Record<string, string> = {}
  for (const [name, value] of Object.entries(element.attributes)) {
    if (rule.attributes.includes(name)) attributes[name] = value
    // Namespaces are XML's business, not TwiML's.
    else if (!name.startsWith('xml')) unknown(`the attribute "${name}" is not known`)
  }
  if (!rule.text && element.ownText.trim() !== '') unknown('text is not allowed here')
  const children: Element[] = []
  for (const child of element.children) {
    if (rule.children.includes(child.name)) children.push(check(child, problems))
    else unknown(`the element <${child.name}> is not known here`)
  }
  return { ...element, attributes, children }
}
