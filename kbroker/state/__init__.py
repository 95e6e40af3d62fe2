"""PURE. State machines: what a broker knows, and how it changes. Time is passed in."""
