"""How pages look, in light and in dark."""

STYLE = """
:root { color-scheme: light dark;
  --ink: #1f2328; --paper: #ffffff; --line: #d1d9e0; --dim: #59636e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --line: #3d444d; --dim: #9198a1 }
}
body { color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { overflow-wrap: anywhere }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
figure { margin: 1rem 0; overflow-x: auto }
svg { max-width: 100%; height: auto }
.table { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem }
th, td { padding: 0.2rem 0.8rem; text-align: right; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left; padding-left: 0 }
th { vertical-align: bottom }
p.note, figcaption { color: var(--dim); font-size: 0.9rem }
summary { cursor: pointer; margin: 0.5rem 0 }
"""
