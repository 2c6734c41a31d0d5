"""Plain HTML elements: their roles, focus and keys are the browser's own."""

from nicegui.elements.mixins.text_element import TextElement


class Tag(TextElement):
    """An element with its text and attributes: `aria_label` is aria-label, `for_` is for.

    Text is always text: nothing that is typed or read from a file becomes HTML.
    """

    def __init__(
        self, tag: str, text: str = "", /, *, classes: str = "", **attributes: str | int | bool
    ) -> None:
        """One element where the page stands."""
        super().__init__(tag=tag, text=text)
        self.classes(classes)
        for attribute, value in attributes.items():
            self.set(attribute, value)

    def set(self, attribute: str, value: str | int | bool) -> None:  # noqa: FBT001
        """Set one attribute; False removes it."""
        self.props.set_bool(attribute.rstrip("_").replace("_", "-"), value)
