"""JavaScript that runs in a page of Home Assistant."""

from typing import Final

GO: Final = """path => {
  history.pushState(null, "", path);
  window.dispatchEvent(new CustomEvent("location-changed", {detail: {replace: false}}));
}"""

# Replaces one address by another wherever it is shown.
READDRESS: Final = """([from, to]) => {
  const inside = (root) => {
    for (const part of root.querySelectorAll("*")) {
      if (part.localName === "input" && part.value.includes(from))
        part.value = part.value.replaceAll(from, to);
      for (const text of part.childNodes)
        if (text.nodeType === Node.TEXT_NODE && text.data.includes(from))
          text.data = text.data.replaceAll(from, to);
      if (part.shadowRoot) inside(part.shadowRoot);
    }
  };
  inside(document);
}"""

# Height of the part of a dialog below its lower edge (pixels).
BELOW: Final = """dialog => {
  let most = 0;
  const inside = (root) => {
    for (const part of root.querySelectorAll("*")) {
      if (["auto", "scroll"].includes(getComputedStyle(part).overflowY))
        most = Math.max(most, part.scrollHeight - part.clientHeight);
      if (part.shadowRoot) inside(part.shadowRoot);
    }
  };
  inside(dialog.shadowRoot);
  return most;
}"""

# Texts of a dialog that are shortened, or that need sideways scrolling.
CUT_OFF: Final = """dialog => {
  const found = [];
  const words = (part) => {
    const parts = part.localName === "slot" ? part.assignedNodes() : part.childNodes;
    return [...parts].map(
      (one) => one.nodeType === Node.TEXT_NODE ? one.data : one.localName ? words(one) : ""
    ).join(" ");
  };
  const inside = (root) => {
    for (const part of root.querySelectorAll("*")) {
      const style = getComputedStyle(part);
      const bounded = style.textOverflow === "ellipsis" ? style.overflowX !== "visible"
        : ["auto", "scroll"].includes(style.overflowX);
      if (bounded && part.clientWidth && part.scrollWidth > part.clientWidth + 1)
        found.push(words(part).replace(/\\s+/g, " ").trim());
      if (part.shadowRoot) inside(part.shadowRoot);
    }
  };
  inside(dialog.shadowRoot);
  return found.filter((text) => text);
}"""
