// What is read of a page. Evaluated in a world of its own, whose functions the page cannot replace.
(({ textCharactersMax, linksMax, linkCharactersMax, linkTextCharactersMax, titleCharactersMax }) => {
  const shown = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const absolute = (url) => (URL.canParse(url, document.baseURI) ? new URL(url, document.baseURI).href : "");
  const text = document.body?.innerText ?? document.documentElement?.textContent ?? "";
  const links = [];
  let linksCount = 0;
  for (const anchor of document.querySelectorAll("a[href], area[href]")) {
    const url = absolute(typeof anchor.href === "string" ? anchor.href : anchor.href.baseVal);
    if (!/^https?:/.test(url)) continue;
    linksCount += 1;
    if (links.length < linksMax && url.length <= linkCharactersMax) {
      const label = shown(anchor.innerText) || shown(anchor.getAttribute("aria-label")) || shown(anchor.getAttribute("title"));
      links.push({ url, text: label.slice(0, linkTextCharactersMax) });
    }
  }
  return {
    url: document.URL,
    title: shown(document.title).slice(0, titleCharactersMax),
    language: shown(document.documentElement?.lang).slice(0, 64),
    charset: document.characterSet,
    text: text.slice(0, textCharactersMax),
    textCharacters: text.length,
    links,
    linksCount,
  };
})
