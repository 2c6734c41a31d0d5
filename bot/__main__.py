"""`python -m bot` is `relais`."""

from bot.cli import relais

if __name__ == "__main__":
    relais()
