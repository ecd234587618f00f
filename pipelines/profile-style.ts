/** Style rules of a profile's page, beside those of all pages. */
export const PROFILE_STYLE = `
h3{font-size:1rem;margin:0 0 6px;font-family:ui-monospace,monospace}.facts{color:var(--soft)}
.rows{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:8px}
article{background:var(--paper);border:1px solid var(--line);border-left:4px solid var(--bar);border-radius:6px;padding:10px;margin-left:calc(var(--depth)*10px);min-width:0}
.share{position:relative;height:18px;background:var(--back);border-radius:3px;overflow:hidden;font-size:.75rem}
.share i{position:absolute;inset:0 auto 0 0;background:var(--bar);opacity:.35}.share b{position:relative;padding-left:6px;line-height:18px}
.types{display:flex;margin-top:4px;border-radius:3px;overflow:hidden;font-size:.72rem}
.types span,.legend span{padding:0 4px;color:#fff;white-space:nowrap;overflow:hidden;min-width:3px;background:#4a5568}
.legend{font-size:.8rem}.legend span{border-radius:3px}
.overview{border-collapse:collapse;width:100%;background:var(--paper);border:1px solid var(--line);border-radius:6px}
.overview th,.overview td{padding:4px 8px;text-align:left;border-top:1px solid var(--line);vertical-align:top}.overview td:nth-child(-n+4){font-variant-numeric:tabular-nums}
.overview small{color:var(--soft);font-weight:400}.overview a{color:inherit}
@media(max-width:640px){.overview th:nth-child(5),.overview td:nth-child(5){display:none}.overview th,.overview td{padding:4px 5px}}
.t-S{background:#2b7a4b!important}.t-N{background:#1f5fbf!important}.t-M,.t-L{background:#7a3fb0!important}.t-NULL{background:#8a8f98!important}.t-BOOL{background:#a3541c!important}.t-B,.t-BS{background:#9c2d4b!important}
figure{margin:6px 0 0}figure svg{width:100%;height:34px;fill:var(--bar);display:block}figcaption{font-size:.72rem}
.proposal{margin:0 0 8px}
.sure{font-size:.72rem;border-radius:3px;padding:0 5px;border:1px solid currentColor}.high{color:#2b9a5b}.medium{color:#b98300}.low{color:#d0453a}
`;
