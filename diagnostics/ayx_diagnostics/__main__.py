"""``python -m ayx_diagnostics`` is ``ayxctl``."""

from ayx_diagnostics.command_line import main

if __name__ == "__main__":
    main()
