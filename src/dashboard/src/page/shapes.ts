import type { Standing } from "../state/standing";
import { svg } from "./dom";

/** A shape a standing: nobody needs to see colours. The first three are those of the terminal and the lamps' legend. */
const outlines: Readonly<Record<Standing, readonly string[]>> = {
  normal: ["M16 3a13 13 0 1 0 0 26a13 13 0 1 0 0-26z"],
  alarm: ["M16 2 31 29H1z"],
  unsure: ["M16 1 31 16 16 31 1 16z"],
  fault: ["M10 2h12l8 8v12l-8 8H10l-8-8V10z"],
  offline: ["M16 2a14 14 0 1 0 0 28a14 14 0 1 0 0-28zm0 4.5a9.5 9.5 0 0 1 5.6 1.8L8.3 21.600A9.500 9.500 0 0 1 16 6.500zm7.700 3.900A9.500 9.500 0 0 1 10.400 23.700z"],
  silent: ["M2 12h7v8H2zM12.500 12h7v8h-7zM23 12h7v8h-7z"],
  unreadable: ["M3 4h26v24H3z"],
  examining: ["M1 18h7l4-12 7 22 5-16 2 6h5v-4"],
  idle: ["M4 13h24v6H4z"],
  waiting: ["M7 2h18v4l-6 10 6 10v4H7v-4l6-10-6-10z"],
  stopped: ["M6 6h20v20H6z"],
  unconnected: ["M4 7l3-3 9 9 9-9 3 3-9 9 9 9-3 3-9-9-9 9-3-3 9-9z"],
};

/** What stands inside the shape. */
const marks: Partial<Record<Standing, string>> = { alarm: "!", unsure: "?", fault: "!", unreadable: "#" };

/** The picture of a standing, decoration to a screen reader: the word stands beside it. */
export function shape(standing: Standing): SVGElement {
  const picture = svg("svg", { class: `shape shape-${standing}`, viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" });
  for (const d of outlines[standing]) picture.append(svg("path", { d }));
  const mark = marks[standing];
  if (mark !== undefined) {
    const text = svg("text", { x: "16", y: standing === "alarm" ? "26" : "23.5", "text-anchor": "middle" });
    text.textContent = mark;
    picture.append(text);
  }

  return picture;
}

/** The standing whose shape and colour a verdict has. */
export function verdictStanding(alarm: boolean | null): Standing {
  return alarm === null ? "unsure" : alarm ? "alarm" : "normal";
}
