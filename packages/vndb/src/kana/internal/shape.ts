/** What is selected of pages, prepared once for all that are picked from with it. */
import { type Endpoint, fields, type Member, membersOf, type Table } from "../Fields.ts"
import type { FieldTree } from "../FieldTree.ts"

/** What is picked of an object. */
export interface Shape {
  /** In the order of answers; plain values have no shape. */
  readonly members: ReadonlyArray<{ readonly name: string; readonly shape: Shape | undefined }>
  /** Where the object is a stub: what of, the members of the link, and what it must have to be enough. */
  readonly link:
    | { readonly entity: Endpoint; readonly own: ReadonlySet<string>; readonly needed: ReadonlyArray<Needed> }
    | undefined
}

/** A member that must be there; so must those within it, unless that is a plain value or a stub of its own. */
export interface Needed {
  readonly name: string
  readonly within: ReadonlyArray<Needed> | undefined
}

/** The shape of answers. A tree is of one endpoint only. */
export const shapeOf = (endpoint: Endpoint, tree: FieldTree): Shape => {
  const known = shapes.get(tree)
  if (known !== undefined) return known
  // What pages are of needs no stub, so their members are given as their own.
  const shape = shapeWithin({ members: fields[endpoint] }, tree)
  shapes.set(tree, shape)
  return shape
}

const shapes = new WeakMap<FieldTree, Shape>()

const shapeWithin = (member: Member, tree: FieldTree): Shape => {
  const table = membersOf(member) ?? {}
  const members = Object.entries(tree).map(([name, inner]) => {
    const each = table[name] ?? {}
    return { name, shape: membersOf(each) === undefined ? undefined : shapeWithin(each, inner) }
  })
  return {
    members,
    link: member.inherits === undefined ? undefined : linkOf(member.inherits, member.members ?? {}, tree)
  }
}

const linkOf = (entity: Endpoint, own: Table, tree: FieldTree): Shape["link"] => {
  const inherited = Object.fromEntries(Object.entries(tree).filter(([name]) => !Object.hasOwn(own, name)))
  return { entity, own: new Set(Object.keys(own)), needed: neededOf(fields[entity], inherited) }
}

const neededOf = (table: Table, tree: FieldTree): ReadonlyArray<Needed> =>
  Object.entries(tree).map(([name, inner]) => {
    const { inherits, members } = table[name] ?? {}
    return { name, within: members === undefined || inherits !== undefined ? undefined : neededOf(members, inner) }
  })
