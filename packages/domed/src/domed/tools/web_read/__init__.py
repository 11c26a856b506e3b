"""The tool `web.read`: one page through headless Chromium, as text, links and a picture.

`reading` puts the parts together: `addresses` says what may be reached, `proxy` holds the browser to it and, by
`callers`, serves nobody else; `browser` is the process, `devtools` the protocol it speaks, `page` what happens in it,
`extract.js` what is read in the end, and `faults` the reasons for which there is nothing to read.
"""
