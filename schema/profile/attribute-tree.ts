import type { AttributeValue, Item } from "../attribute-value";
import { isReplicationAttribute } from "../replication-attributes";
import { ValueGatherer, type ValueOptions, type ValueProfile } from "./value-profile";

/**
 * The profile of a place and of the places within it. Plain JSON: names are the users' and so stand in a list, never as
 * names of properties.
 */
export interface AttributeNode {
  readonly value: ValueProfile;
  /** Entries of Maps, by name. */
  readonly entries: readonly (readonly [name: string, node: AttributeNode])[];
  /** All elements of Lists together. */
  readonly elements?: AttributeNode;
}

/** All attributes of some items. Plain JSON. */
export interface AttributeTreeState {
  readonly attributes: AttributeNode["entries"];
  /** Values of attributes beyond the bound: these attributes are not among `attributes`. */
  readonly untrackedAttributes: number;
}

/** How many places may still be given a profile of their own, shared by all trees of one gathering. */
export interface PathBudget {
  left: number;
  /** Values that lie at places beyond the bound. */
  untrackedValues: number;
}

/** Places deeper than this are not looked at one by one: they go into JSON whole. */
export const MAX_DEPTH = 8;

/** Gathers the profiles of all attributes of items, and of what lies in them, up to the budget's bound. */
export class AttributeTree {
  readonly #attributes = new Map<string, NodeGatherer>();
  #untrackedAttributes = 0;

  /** @param always attributes that are profiled whatever the budget: those of the key */
  constructor(
    readonly options: ValueOptions,
    readonly budget: PathBudget,
    readonly always: readonly string[] = [],
  ) {}

  add(item: Item): void {
    for (const name of Object.keys(item)) {
      const value = item[name];
      if (value === undefined || isReplicationAttribute(name)) continue;
      const node = this.#node(name);
      if (node === undefined) this.#untrackedAttributes += 1;
      else node.add(value, this.options, this.budget, 1);
    }
  }

  /**
   * Where one side has met the bound, an attribute that it lacks may have been there all the same: such an attribute is
   * given up, for a type that only some of its values were tried with would be a guess.
   */
  merge(other: AttributeTreeState): void {
    const names = new Set(other.attributes.map(([name]) => name));
    if (other.untrackedAttributes > 0) {
      for (const name of this.#attributes.keys()) if (!names.has(name)) this.#giveUp(name);
    }
    const wholeBefore = this.#untrackedAttributes === 0;
    for (const [name, node] of other.attributes) {
      const own = wholeBefore || this.#attributes.has(name) ? this.#node(name) : undefined;
      if (own === undefined) this.#untrackedAttributes += node.value.count;
      else own.merge(node, this.budget);
    }
    this.#untrackedAttributes += other.untrackedAttributes;
  }

  get state(): AttributeTreeState {
    return {
      attributes: [...this.#attributes].map(([name, node]) => [name, node.node]),
      untrackedAttributes: this.#untrackedAttributes,
    };
  }

  #node(name: string): NodeGatherer | undefined {
    return child(this.#attributes, name, this.always.includes(name) ? UNBOUNDED : this.budget);
  }

  #giveUp(name: string): void {
    this.#untrackedAttributes += this.#attributes.get(name)?.node.value.count ?? 0;
    this.#attributes.delete(name);
  }
}

class NodeGatherer {
  readonly #value = new ValueGatherer();
  #entries: Map<string, NodeGatherer> | undefined;
  #elements: NodeGatherer | undefined;

  add(value: AttributeValue, options: ValueOptions, budget: PathBudget, depth: number): void {
    this.#value.add(value, options);
    if (value.M !== undefined) this.#addEntries(value.M, options, budget, depth);
    else if (value.L !== undefined) {
      if (depth >= MAX_DEPTH) budget.untrackedValues += value.L.length;
      else for (const element of value.L) this.#elementNode(budget)?.add(element, options, budget, depth + 1);
    }
  }

  merge(node: AttributeNode, budget: PathBudget): void {
    this.#value.merge(node.value);
    for (const [name, entry] of node.entries) {
      this.#entries ??= new Map();
      child(this.#entries, name, budget)?.merge(entry, budget);
    }
    if (node.elements !== undefined) this.#elementNode(budget)?.merge(node.elements, budget);
  }

  get node(): AttributeNode {
    return {
      value: this.#value.profile,
      entries: [...(this.#entries ?? [])].map(([name, node]) => [name, node.node]),
      ...(this.#elements === undefined ? {} : { elements: this.#elements.node }),
    };
  }

  #addEntries(map: Item, options: ValueOptions, budget: PathBudget, depth: number): void {
    const names = Object.keys(map);
    if (depth >= MAX_DEPTH) {
      budget.untrackedValues += names.length;
      return;
    }
    this.#entries ??= new Map();
    for (const name of names) {
      const value = map[name];
      if (value !== undefined) child(this.#entries, name, budget)?.add(value, options, budget, depth + 1);
    }
  }

  #elementNode(budget: PathBudget): NodeGatherer | undefined {
    if (this.#elements === undefined && takePlace(budget)) this.#elements = new NodeGatherer();
    return this.#elements;
  }
}

const UNBOUNDED: PathBudget = { left: Number.POSITIVE_INFINITY, untrackedValues: 0 };

/** The gatherer of a name; undefined beyond the bound. */
function child(nodes: Map<string, NodeGatherer>, name: string, budget: PathBudget): NodeGatherer | undefined {
  const known = nodes.get(name);
  if (known !== undefined || !takePlace(budget)) return known;
  const node = new NodeGatherer();
  nodes.set(name, node);
  return node;
}

function takePlace(budget: PathBudget): boolean {
  if (budget.left === 0) {
    budget.untrackedValues += 1;
    return false;
  }
  budget.left -= 1;
  return true;
}
