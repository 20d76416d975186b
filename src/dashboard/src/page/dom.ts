/** Elements without markup: whatever came over the wire becomes text and nothing else. */

type Child = Node | string;

export interface Props {
  readonly class?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly onClick?: () => void;
}

export function h<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (props.class !== undefined) element.className = props.class;
  for (const [name, value] of Object.entries(props.attributes ?? {})) element.setAttribute(name, value);
  if (props.onClick !== undefined) element.addEventListener("click", props.onClick);
  element.append(...children);
  return element;
}

/** An element of a picture. */
export function svg(tag: string, attributes: Readonly<Record<string, string>>, ...children: Node[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Sets the text where it differs: an unchanged one must not disturb a screen reader, or somebody who copies. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Fills an element anew only where what it shows has changed. */
export class Keyed {
  readonly element: HTMLElement;
  private key = "";

  constructor(element: HTMLElement) {
    this.element = element;
  }

  show(what: unknown, build: () => Child[]): void {
    const key = JSON.stringify(what);
    if (key === this.key) return;
    this.key = key;
    this.element.replaceChildren(...build());
  }
}

/** A part of the page under a heading. */
export function panel(title: string, name: string, ...children: Child[]): HTMLElement {
  const id = `panel-${name}`;
  return h("section", { class: `panel ${name}`, attributes: { "aria-labelledby": id } }, h("h2", { attributes: { id } }, title), ...children);
}
