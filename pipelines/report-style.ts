/** Style rules of a migration's report, beside those of all pages. */
export const REPORT_STYLE = `
:root{--good:#1e8e4e;--bad:#c9342b;--middling:#a86b00;--bulk:#2f6fed;--stream:#12908a;--verify:#8a4fc4;--replay:#b3651b}
@media(prefers-color-scheme:dark){:root{--good:#4cc583;--bad:#ff7b72;--middling:#e0a530;--bulk:#6ea0ff;--stream:#3fc4bd;--verify:#bd8cf0;--replay:#e09a55}}
.bulk,.incremental{--own:var(--bulk)}.stream{--own:var(--stream)}.verify{--own:var(--verify)}.replay{--own:var(--replay)}
.soft,small{color:var(--soft)}section{margin-bottom:20px}.together{white-space:nowrap}
.verdict{background:var(--paper);border:1px solid var(--line);border-left:6px solid var(--own);border-radius:8px;padding:12px 16px}
.go{--own:var(--good)}.no-go{--own:var(--bad)}
.verdict .word{font-size:1.9rem;font-weight:700;line-height:1.1;color:var(--own);margin:0}.verdict .why{color:var(--soft)}
.verdict ul{margin:10px 0 0;padding:0;list-style:none}.verdict li{padding:6px 0;border-top:1px solid var(--line)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,150px),1fr));gap:8px}
.tile{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:10px 12px}
.tile b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums;line-height:1.2}.tile span{color:var(--soft);font-size:.85rem}
.tile.good{border-top:3px solid var(--good)}.tile.bad{border-top:3px solid var(--bad)}
.chip{font-size:.75rem;font-weight:600;border-radius:10px;padding:1px 8px;border:1px solid currentColor;white-space:nowrap;vertical-align:middle}
.chip.good{color:var(--good)}.chip.bad{color:var(--bad)}.chip.middling{color:var(--middling)}
.runs{display:grid;gap:6px;margin-top:8px}
.run{display:grid;grid-template-columns:minmax(190px,1fr) minmax(230px,1.2fr) minmax(200px,2fr) minmax(120px,2fr);gap:2px 14px;align-items:center;background:var(--paper);border:1px solid var(--line);border-left:4px solid var(--own);border-radius:6px;padding:6px 12px;font-size:.9rem}
.run h3{margin:0;font-size:.95rem}.run p{margin:0;color:var(--soft)}.run .counts{color:var(--ink);font-variant-numeric:tabular-nums}
.track{position:relative;height:10px;background:var(--back);border-radius:5px;overflow:hidden}.track i{position:absolute;top:0;bottom:0;min-width:3px;background:var(--own);border-radius:5px}
.identity{font-size:1.05rem;color:var(--ink)!important}
.stack{display:flex;height:22px;border-radius:5px;overflow:hidden;background:var(--line);margin:6px 0}.stack i{min-width:2px}
.part-0{background:var(--bulk)}.part-1{background:var(--stream)}.part-2{background:var(--verify)}.part-3{background:var(--replay)}.part-4{background:#8a8f98}.part-5{background:var(--bad)}.part-6{background:var(--middling)}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;margin:0;padding:0;list-style:none;font-size:.9rem}.legend i{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin-right:6px}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:10px;margin-top:8px}
.plot{margin:0;background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:10px 12px}.plot figcaption{font-size:.85rem}.plot figcaption b{color:var(--own)}
.area{position:relative;height:150px;margin-top:8px;border-bottom:1px solid var(--soft)}.area svg{position:absolute;inset:0;width:100%;height:100%;display:block}
.fill{fill:var(--own);fill-opacity:.28;stroke:var(--own);stroke-width:2;vector-effect:non-scaling-stroke}.grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.area span{position:absolute;left:2px;z-index:1;font-size:.72rem;color:var(--soft);background:color-mix(in srgb,var(--paper) 75%,transparent);padding:0 3px;border-radius:3px}.area .top{top:2px}.area .half{top:calc(50% + 2px)}
.axis{display:flex;justify-content:space-between;font-size:.72rem;color:var(--soft);padding-top:2px}
.scroll{overflow-x:auto;background:var(--paper);border:1px solid var(--line);border-radius:8px;margin-top:6px}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{padding:5px 12px;text-align:right;border-top:1px solid var(--line);vertical-align:top;font-variant-numeric:tabular-nums}
thead th{border-top:0;color:var(--soft);font-weight:600;white-space:nowrap}th:first-child{text-align:left;font-weight:400}th small{display:block;font-size:.78rem}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:0 28px}.narrow{background:var(--paper);border:1px solid var(--line);border-radius:8px}.narrow tr:first-child>*{border-top:0}
footer{margin-top:28px;padding-top:8px;border-top:1px solid var(--line);color:var(--soft);font-size:.82rem}
@media(max-width:760px){.run{grid-template-columns:1fr}.tiles{grid-template-columns:1fr 1fr}.tile b{font-size:1.25rem}th,td{padding:5px 7px}.area{height:120px}}
@media print{body{background:#fff}.verdict,.tile,.run,.plot,.scroll{break-inside:avoid}}
`;
