import type { SubjectResult } from "./results";

const WIDTH = 760;
const LABEL_WIDTH = 270;
const NUMBER_WIDTH = 90;
const ROW_HEIGHT = 28;
const TITLE_HEIGHT = 34;
const PLAIN_COLOUR = "#9aa5b1";
const PIPELINE_COLOUR = "#2f6fb3";

/** Rows per CPU-second as bars, those of each set of items to a scale of their own, as SVG. */
export function plot(subjects: readonly SubjectResult[]): string {
  const groups = [
    { title: "Tutorial rows per CPU-second", subjects: named(subjects, "tutorial") },
    { title: "Wide rows per CPU-second", subjects: named(subjects, "wide") },
  ];
  let y = 0;
  const parts = groups.flatMap((group) => {
    const start = y;
    y += TITLE_HEIGHT + group.subjects.length * ROW_HEIGHT;
    return bars(group.title, group.subjects, start);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 8}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function named(subjects: readonly SubjectResult[], prefix: string): readonly SubjectResult[] {
  return subjects.filter(({ name }) => name.startsWith(prefix));
}

function bars(title: string, subjects: readonly SubjectResult[], top: number): readonly string[] {
  const most = Math.max(...subjects.map(({ median }) => median.rowsPerCpuSecond));
  const space = WIDTH - LABEL_WIDTH - NUMBER_WIDTH;
  return [
    `<text x="8" y="${top + 22}" font-weight="bold" fill="#1f2933">${title}</text>`,
    ...subjects.flatMap(({ name, title: label, median }, index) => {
      const y = top + TITLE_HEIGHT + index * ROW_HEIGHT;
      const length = (median.rowsPerCpuSecond / most) * space;
      const colour = name.endsWith("Plain") ? PLAIN_COLOUR : PIPELINE_COLOUR;
      const number = Math.round(median.rowsPerCpuSecond).toLocaleString("en-US");
      return [
        `<text x="8" y="${y + 15}" fill="#1f2933">${label}</text>`,
        `<rect x="${LABEL_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="20" fill="${colour}"/>`,
        `<text x="${(LABEL_WIDTH + length + 6).toFixed(1)}" y="${y + 15}" fill="#1f2933">${number}</text>`,
      ];
    }),
  ];
}
