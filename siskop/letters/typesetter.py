"""A program of its own: reads {source, root, data} as JSON, answers the number of pages in a line, and then the PDF.

It imports nothing of Siskop, so that it starts at once and holds nothing worth stealing.
"""

import json
import sys

import typst


def main() -> None:
    asked = json.load(sys.stdin)
    source, root, inputs = asked["source"].encode(), asked["root"], {"data": json.dumps(asked["data"])}
    pdf = typst.compile(source, root=root, sys_inputs=inputs)
    assert isinstance(pdf, bytes)
    pages = json.loads(typst.query(source, "<end>", field="value", one=True, root=root, sys_inputs=inputs))
    sys.stdout.buffer.write(f"{pages}\n".encode() + pdf)


if __name__ == "__main__":
    main()
