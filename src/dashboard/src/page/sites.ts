import { siteNames, type SiteName, type SitePart } from "../wire/messages";
import { verdictWords } from "./describe";
import { h, Keyed, panel, svg } from "./dom";
import type { Moment, Panel } from "./panels";
import { shape, verdictStanding } from "./shapes";
import { bpm, percent, siteWords } from "./words";

/** Where the chest piece goes, on somebody who faces us: their right is our left. */
const places: Readonly<Record<SiteName, readonly [number, number]>> = { AV: [80, 70], PV: [120, 70], TV: [108, 122], MV: [142, 142] };

/** The last examination, site by site, and where the chest piece is now. */
export class SitesPanel implements Panel {
  private readonly body = new Keyed(h("div", { class: "sites" }));
  readonly element = panel("By site", "by-site", this.body.element);

  update({ device, view }: Moment): void {
    const parts = partsOf(view.verdict);
    const here = view.standing === "examining" ? (device.live?.body.site ?? null) : null;
    const shown = parts.map((part) => [part.site, part.verdict, part.alarm, part.reason, part.confidence, part.heartRateBpm, part.quality.score]);
    this.body.show([shown, here, view.isCurrent, view.verdict === null], () => [
      torso(parts, here),
      h(
        "div",
        { class: "sites-words" },
        h("p", {}, view.verdict === null ? "No examination yet." : parts.length === 0 ? "The last examination named no site." : view.isCurrent ? "The last examination." : "An earlier examination."),
        h("ul", {}, ...siteNames.map((site) => row(site, parts.find((part) => part.site === site) ?? null, here === site))),
      ),
    ]);
  }
}

type Shown = Pick<SitePart, "site" | "verdict" | "alarm" | "reason" | "confidence" | "heartRateBpm" | "quality">;

function partsOf(verdict: Moment["view"]["verdict"]): Shown[] {
  if (verdict === null) return [];
  const { sites, site } = verdict.examination;
  if (Array.isArray(sites) && sites.length > 0) return sites.slice(0, 8) as Shown[];
  return site === null ? [] : [{ ...verdict, site }];
}

function row(site: SiteName, part: Shown | null, isHere: boolean): HTMLElement {
  const words = part === null ? "not heard" : `${verdictWords(part)}${part.confidence === null ? "" : `, ${percent(part.confidence)}`}`;
  const figures = part === null ? "" : `${part.heartRateBpm === null ? "" : `${bpm(part.heartRateBpm)}, `}quality ${percent(part.quality.score)}`;
  return h(
    "li",
    { attributes: { "data-site": site, ...(isHere ? { "data-here": "true" } : {}) } },
    h("span", { class: "site-name" }, h("strong", {}, site), ` ${siteWords[site] ?? ""}`),
    h("span", { class: "site-verdict" }, ...(part === null ? [] : [shape(verdictStanding(part.alarm))]), h("span", {}, isHere ? "listening here now" : words)),
    h("span", { class: "site-figures" }, figures),
  );
}

function torso(parts: readonly Shown[], here: string | null): SVGElement {
  const picture = svg(
    "svg",
    { class: "torso", viewBox: "0 0 200 220", "aria-hidden": "true", focusable: "false" },
    svg("path", { class: "torso-body", d: "M84 4v18q-2 8-14 12L34 46Q16 52 13 72L6 150h24l6-50 4 60-6 54h132l-6-54 4-60 6 50h24l-7-78q-3-20-21-26l-36-12q-12-4-14-12V4z" }),
    svg("path", { class: "torso-line", d: "M100 46v92M100 62q-26-10-50 2M100 62q26-10 50 2M100 84q-30-8-54 6M100 84q30-8 54 6M100 106q-30-6-52 8M100 106q30-6 52 8" }),
  );
  for (const site of siteNames) {
    const [x, y] = places[site];
    const part = parts.find((one) => one.site === site);
    const group = svg("g", { transform: `translate(${x} ${y})`, class: here === site ? "site-here" : "site-mark" });
    if (here === site) group.append(svg("circle", { class: "site-ring", r: "19" }));
    if (part === undefined) group.append(svg("circle", { class: "site-none", r: "11" }));
    else {
      const mark = shape(verdictStanding(part.alarm));
      for (const [name, value] of Object.entries({ x: "-13", y: "-13", width: "26", height: "26" })) mark.setAttribute(name, value);
      group.append(mark);
    }

    const label = svg("text", { class: "site-label", y: "29", "text-anchor": "middle" });
    label.textContent = site;
    group.append(label);
    picture.append(group);
  }

  return picture;
}
