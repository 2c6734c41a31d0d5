"""`python -m tests.bench`: one table, every line also as so many times an ignored update."""

import gc
from itertools import chain

from tests.bench.core import checks, turns
from tests.bench.places import building, lookups, resident
from tests.bench.timing import heading, printed
from tests.bench.updates import updates
from tests.ground import ground


def main() -> None:
    ground()
    gc.collect()
    gc.freeze()  # as the bot does once its content is loaded
    through_aiogram = list(updates())
    unit = through_aiogram[0].median
    print(heading())
    for measured in chain(through_aiogram, turns(), lookups(), building(), checks()):
        print(printed(measured, unit), flush=True)
    print(resident())


if __name__ == "__main__":
    main()
